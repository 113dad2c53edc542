// Careful reading of JSON that another program wrote.

import { text } from "./bytes.js";
import { PhoneError } from "./errors.js";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Reads an object from UTF-8 JSON text, or throws an error with the code. */
export function readJson(body, code, where) {
  let value;
  try {
    value = JSON.parse(text(body));
  } catch {
    throw new PhoneError(code, `${where} is not JSON`);
  }
  return new JsonObject(value, code, where);
}

/**
 * The members of a JSON object, each read as the type that it should have.
 *
 * Members that are not asked for are ignored, so that a newer service may add some.
 */
export class JsonObject {
  #code;
  #where;

  constructor(value, code, where) {
    [this.#code, this.#where] = [code, where];
    this.raw = this.#check(
      typeof value === "object" && value !== null && !Array.isArray(value) && value,
      "an object",
    );
  }

  #check(value, kind, name = "") {
    if (value !== false) return value;
    const where = name && `.${name}`;
    throw new PhoneError(this.#code, `${this.#where}${where} is not ${kind}`);
  }

  #own(name) {
    return Object.hasOwn(this.raw, name) ? this.raw[name] : undefined;
  }

  /** A text without lone surrogates. */
  text(name) {
    const value = this.#own(name);
    const isText = typeof value === "string" && !/\p{Cs}/u.test(value);
    return this.#check(isText && value, "a text", name);
  }

  /** A text, or null where the member is null or missing. */
  textOrNull(name) {
    return this.#own(name) == null ? null : this.text(name);
  }

  /** A whole number. */
  integer(name) {
    const value = this.#own(name);
    return this.#check(Number.isSafeInteger(value) && value, "a whole number", name);
  }

  /** An instant in UTC, whole seconds, as seconds since the epoch. */
  instant(name) {
    const [value, at] = [this.text(name), Date.parse(this.text(name))];
    const isInstant =
      INSTANT.test(value) &&
      !Number.isNaN(at) &&
      new Date(at).toISOString() === value.replace("Z", ".000Z");
    return this.#check(isInstant && at / 1000, "an instant in UTC", name);
  }

  /** An object inside this one. */
  nested(name) {
    return new JsonObject(this.#own(name), this.#code, `${this.#where}.${name}`);
  }

  /** A list of objects. */
  objects(name) {
    return this.#list(name, (elements, at) => elements.nested(at));
  }

  /** A list of texts. */
  texts(name) {
    return this.#list(name, (elements, at) => elements.text(at));
  }

  /** A list of lists of texts. */
  listsOfTexts(name) {
    return this.#list(name, (elements, at) => elements.texts(at));
  }

  #list(name, read) {
    const value = this.#own(name);
    const list = this.#check(Array.isArray(value) && value, "a list", name);
    const elements = new JsonObject({ ...list }, this.#code, `${this.#where}.${name}`);
    return list.map((_, at) => read(elements, String(at)));
  }
}
