// Plain words of a charter, filled in for one person: their group, and their clock.
//
// The charter is the same for everybody, so its sentences have placeholders for what
// depends on the person's group. Times are by the clock and zone of this device.

import { fingerprint, keyFor } from "./charter.js";

const MAX_NAMES = 5; // of more teams, some are named and the others counted

/** How each language writes a day, and a list: English has no comma before "and". */
const DAY_TAGS = { en: "en-US", es: "es" };
const LIST_TAGS = { en: "en-GB", es: "es" };

/**
 * An instant in words, by the clock of this device.
 *
 * @param {number} seconds since the epoch
 * @param {string} language in digits alone if it is neither `en` nor `es`
 */
export function describeTime(seconds, language) {
  const at = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (!Object.hasOwn(DAY_TAGS, language)) {
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
  }
  const day = new Intl.DateTimeFormat(DAY_TAGS[language], { dateStyle: "full" }).format(at);
  return `${language === "es" ? day.replace(",", "") : day}, ${time}`;
}

/** Where the host of the core gives no words for it. */
const countTeams = (n) => `+${n}`;

/**
 * The sentences of a charter for a person, by language.
 *
 * A line with a placeholder that this device cannot fill is left out: a newer service
 * may have others, and no group may be large enough for a score.
 *
 * @param {import("./charter.js").Charter} charter
 * @param {string} teamId of the person's group
 * @param {(n: number, language: string) => string} [moreTeams] says how many teams a
 *     sentence does not name
 * @returns {Record<string, string[]>}
 */
export function fillPlainLanguage(charter, teamId, moreTeams = countTeams) {
  return fillWith(charter, teamId, moreTeams, {});
}

/**
 * The same without what is another in each wave: the time of the seal, the fingerprint.
 *
 * Who has read these has read the promises; other words, or another group, are others.
 */
export function listPromises(charter, teamId) {
  const changing = { seals_at: "{seals_at}", fingerprint: "{fingerprint}" };
  return Object.entries(fillWith(charter, teamId, countTeams, changing)).sort();
}

function fillWith(charter, teamId, moreTeams, given) {
  const filled = {};
  for (const [language, lines] of charter.plainLanguage) {
    const values = { ...listValues(charter, teamId, language, moreTeams), ...given };
    const fill = (line) => line.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const isFillable = (line) =>
      [...line.matchAll(/\{(\w+)\}/g)].every(([, name]) => Object.hasOwn(values, name));
    filled[language] = lines.filter(isFillable).map(fill);
  }
  return filled;
}

function listValues(charter, teamId, language, moreTeams) {
  const key = keyFor(charter, teamId);
  const values = {
    seals_at: describeTime(charter.sealsAt, language),
    others: String(charter.pools.get(key) - 1),
    teams: joinNames(listTeams(charter, teamId), language, moreTeams),
    fingerprint: fingerprint(charter.digest),
  };
  // The ballot counts for every group from the one that holds the key upwards.
  const above = walkUp(charter, teamId);
  const first = above.findLastIndex((group) => group.ballotKeyId === key);
  const group = above
    .slice(first)
    .find(({ eligible }) => eligible >= charter.minRespondents);
  return group
    ? { ...values, group: group.name, eligible: String(group.eligible) }
    : values;
}

/** A group and those above it; each once, whatever the charter says. */
function walkUp({ groups }, teamId) {
  const path = new Set();
  for (let at = groups.get(teamId); at && !path.has(at); at = groups.get(at.parentId)) {
    path.add(at);
  }
  return [...path];
}

/**
 * Names of the teams with people of their own who share a key with a team, own first.
 */
export function listTeams(charter, teamId) {
  const groups = [...charter.groups.values()];
  const key = keyFor(charter, teamId);
  const below = new Map();
  for (const { parentId, eligible } of groups) {
    below.set(parentId, (below.get(parentId) ?? 0) + eligible);
  }
  const hasOwnPeople = ({ teamId: id, eligible }) => eligible > (below.get(id) ?? 0);
  const sharing = groups.filter(
    (group) => group.ballotKeyId === key && hasOwnPeople(group),
  );
  const own = sharing.filter((group) => group.teamId === teamId);
  const others = sharing.filter((group) => group.teamId !== teamId);
  return [...own.map(({ name }) => name), ...others.map(({ name }) => name).sort()];
}

function joinNames(names, language, moreTeams) {
  const shown = MAX_NAMES - 1;
  const parts = names.length > MAX_NAMES
    ? [...names.slice(0, shown), moreTeams(names.length - shown, language)]
    : names;
  return new Intl.ListFormat(LIST_TAGS[language] ?? LIST_TAGS.en).format(parts);
}
