/** Failure of the phone, by a code that screens have sentences for. */
export class PhoneError extends Error {
  /**
   * @param {string} code such as `no_connection` or `code_used`
   * @param {string} [detail] for the log of a developer; never a secret
   * @param {object} [members] more members of the error, such as `status`
   */
  constructor(code, detail = code, members = {}) {
    super(detail);
    Object.assign(this, { name: "PhoneError", code, detail }, members);
  }
}

/** Throws unless a condition holds. */
export function ensure(condition, code, detail) {
  if (!condition) throw new PhoneError(code, detail);
}
