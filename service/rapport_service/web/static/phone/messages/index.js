/** Texts of the app by language, and dates as each writes them. */
import en from "./en.js";
import es from "./es.js";
import { ofBrowser } from "../stores.js";

const CATALOGUES = { en, es };

/** @returns {"en"|"es"} the first language of the phone that we have */
export function preferredLanguage() {
  const chosen = ofBrowser.get("language");
  const wanted = [chosen, ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return wanted.find((tag) => Object.hasOwn(CATALOGUES, tag)) ?? "en";
}

/**
 * Functions that write texts, dates and lists in a language.
 *
 * @param {string} language English where we have no catalogue of it
 */
export function writer(language) {
  const catalogue = CATALOGUES[language] ?? en;
  const tag = navigator.languages.find((each) => each.startsWith(language)) ?? language;
  const plural = new Intl.PluralRules(tag);

  /** @param {string} key @param {Object<string, string|number>} values */
  function t(key, values = {}) {
    const entry = catalogue[key];
    const text = Array.isArray(entry)
      ? entry[plural.select(values.n) === "one" ? 0 : 1]
      : entry;
    const filled = text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    return filled.replace(/\.(\**)\./g, ".$1"); // a sentence that ends with "p.m."
  }

  const has = (key) => Object.hasOwn(catalogue, key);
  const format = (options) => (at) => new Intl.DateTimeFormat(tag, options).format(at);
  const day = (at) =>
    unbroken(format({ weekday: "long", day: "numeric", month: "long" })(at));
  const hour = format({ hour: "numeric" });
  const minute = format({ hour: "numeric", minute: "2-digit" });
  const { hour12 } = new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  const isWhole = (at) => hour12 && at.getMinutes() === 0;
  const time = (at) => (isWhole(at) ? hour : minute)(at).replace(/\s/g, "\u00a0");

  /** A day and a time: "today, 5:00 PM" or "Friday, September 10, 5:00 PM". */
  function moment(at, now = new Date()) {
    const days = Math.round((startOfDay(at) - startOfDay(now)) / 864e5);
    const near = { "-1": "day.yesterday", 0: "day.today", 1: "day.tomorrow" }[days];
    const year = at.getFullYear() === now.getFullYear() ? "" : ` ${at.getFullYear()}`;
    return t("day.time", { day: near ? t(near) : day(at) + year, time: time(at) });
  }

  /** The days of a wave: "August 16 to 20", as each language writes it. */
  const period = (from, to) =>
    new Intl.DateTimeFormat(tag, { day: "numeric", month: "long" }).formatRange(from, to);

  return { language, t, has, day, moment, period };
}

/** Keeps a number on the line of its neighbour: "September 10", "10 de septiembre". */
const unbroken = (text) =>
  text.replace(/ (?=\d)/g, "\u00a0").replace(/(\d) (?=de )/g, "$1\u00a0");

const startOfDay = (at) => new Date(at).setHours(0, 0, 0, 0);
