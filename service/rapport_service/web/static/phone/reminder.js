/** A calendar file (RFC 5545) with the pulses that this phone knows; no name in it. */

const stamp = (at) => at.toISOString().replace(/[-:]|\.\d+/g, "");

/** Lines of at most 75 bytes; a continuation begins with a space. */
const fold = (line) => line.replace(/(.{36})(?=.)/gu, "$1\r\n ");

const escape = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");

/**
 * The text of a calendar file.
 *
 * @param {{opensAt: Date, closesAt: Date}[]} pulses
 * @param {{title: string, text: (pulse: object) => string}} words
 * @param {Date} now
 */
export function calendarFile(pulses, { title, text }, now) {
  const events = pulses.flatMap((pulse) => [
    "BEGIN:VEVENT",
    // The same entry again replaces the first; the id names no person.
    `UID:${stamp(pulse.opensAt)}-${stamp(pulse.closesAt)}@rapport`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(pulse.opensAt)}`,
    `DTEND:${stamp(new Date(pulse.opensAt.getTime() + 15 * 60_000))}`,
    `SUMMARY:${escape(title)}`,
    `DESCRIPTION:${escape(text(pulse))}`,
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escape(title)}`,
    "TRIGGER:PT0M",
    "END:VALARM",
    "END:VEVENT",
  ]);
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rapport//Phone//EN",
    "CALSCALE:GREGORIAN", "METHOD:PUBLISH", ...events, "END:VCALENDAR", ""];
  return lines.map(fold).join("\r\n");
}

/** Hands a file to the phone: by its share sheet, else as a download. */
export async function handOver(text, name) {
  const file = new File([text], name, { type: "text/calendar" });
  const isTouch = matchMedia("(pointer: coarse)").matches;
  if (isTouch && navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file] });
      return;
    } catch (error) {
      if (error.name === "AbortError") return;
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
