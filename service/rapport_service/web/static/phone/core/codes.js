// Enrolment codes, as people type them and as a QR link carries them.

const SYMBOLS = 12;
const CODE = /^[a-z][a-z0-9]{2,19}$/;
const ALPHABET = /^[0-9A-HJKMNP-TV-Z]*$/; // Crockford's base 32
const LOOKALIKES = { I: "1", L: "1", O: "0" };

/**
 * Reads a code as people type it: any case, any spacing, look-alike letters.
 *
 * Its last twelve letters and digits are the code, those before are the organization.
 *
 * @param {string} typed
 * @returns {{organization: string, code: string} | null} the code in its normal form,
 *     such as `acme-7QFM-29XK-T4WD`; null for what cannot be one
 */
export function normalizeCode(typed) {
  const letters = typed.replace(/[^\p{L}\p{N}]/gu, "");
  const organization = letters.slice(0, -SYMBOLS).toLowerCase();
  const symbols = letters
    .slice(-SYMBOLS)
    .toUpperCase()
    .replace(/[ILO]/g, (letter) => LOOKALIKES[letter]);
  if (!CODE.test(organization) || !ALPHABET.test(symbols)) return null;
  return { organization, code: [organization, ...symbols.match(/.{4}/g)].join("-") };
}

/**
 * The code of a link such as `https://rapport.example/#acme-7QFM-29XK-T4WD`.
 *
 * It is behind the `#`, which browsers do not send, so no log of a server has it.
 *
 * @param {string} hash such as `location.hash`
 * @returns {string | null}
 */
export function codeFromFragment(hash) {
  let typed;
  try {
    typed = decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return null;
  }
  return normalizeCode(typed)?.code ?? null;
}
