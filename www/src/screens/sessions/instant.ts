/**
 * Times in addresses.
 *
 * @module
 */

import { distanceOf } from "./relative-bound";

/** RFC 3339, section 5.6: a date, or a date and a time with its offset. */
const RFC_3339 = /^\d{4}-\d\d-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;
/** Smaller numbers are probably seconds; as milliseconds they'd be before 1974. */
const LEAST_MILLISECONDS = 100_000_000_000;
/** ECMAScript, section "Time Values and Time Range". */
const MOST_MILLISECONDS = 8.64e15;
/** RFC 3339 ends with the year 9999. */
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * The epoch milliseconds of RFC 3339, of epoch milliseconds, or of a distance from `now` such as
 * `-30d`; `undefined` for anything else.
 */
export function instantOf(text: string, now: number): number | undefined {
  const distance = distanceOf(text);
  if (distance !== undefined) return now + distance;
  if (/^\d{12,16}$/.test(text)) {
    const milliseconds = Number(text);
    const isTime = milliseconds >= LEAST_MILLISECONDS && milliseconds <= MOST_MILLISECONDS;
    return isTime && milliseconds <= LAST ? milliseconds : undefined;
  }
  const fields = RFC_3339.exec(text);
  if (fields === null) return undefined;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) return undefined;
  // Engines read 30 February as a day of March.
  const [date = ""] = text.split(/t/i);
  return new Date(`${date}T00:00:00Z`).getUTCDate() === Number(fields[1]) ? instant : undefined;
}
