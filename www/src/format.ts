/**
 * Formats of times and counts.
 *
 * @module
 */

import { wholeNumber } from "./amounts";
import { times } from "./texts";

export { wholeNumber };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;

/** Times that are closer than this are shown as "now". */
const NOW = 10 * SECOND;

/** The units, largest first, each with the smallest distance that it's used for. */
const UNITS = [
  { from: YEAR, length: YEAR, name: "y" },
  { from: 60 * DAY, length: YEAR / 12, name: "mo" },
  { from: 2 * DAY, length: DAY, name: "d" },
  { from: HOUR, length: HOUR, name: "h" },
  { from: MINUTE, length: MINUTE, name: "min" },
  { from: 0, length: SECOND, name: "s" },
] as const;

/** A time relative to `now`, such as `5 min ago` or `in 3 h`. */
export function relativeTime(instant: number, now: number): string {
  const distance = Math.abs(instant - now);
  if (distance < NOW) return times.now;
  // Round first, so that 59.7 minutes are 1 h and not 60 min.
  const unit = UNITS.find(({ from, length }) => Math.round(distance / length) * length >= from);
  if (unit === undefined) return times.now;
  const amount = `${Math.round(distance / unit.length)} ${unit.name}`;
  return instant < now ? times.ago(amount) : times.in(amount);
}

const exactFormats = new Map<string | undefined, Intl.DateTimeFormat>();

/** A time to the second, in UTC or in the zone of this browser, such as `30 Nov 2026, 22:56:51`. */
export function exactTime(instant: number, isUtc: boolean): string {
  const timeZone = isUtc ? "UTC" : undefined;
  let format = exactFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZone,
    });
    exactFormats.set(timeZone, format);
  }
  return format.format(instant);
}

/** The zone in which times are shown, such as `Europe/Berlin`. */
export function timeZoneName(isUtc: boolean): string {
  return isUtc ? "UTC" : new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A count, such as `1,204`, or `10,000+` if it's capped. */
export function countText({
  count,
  capped,
}: {
  count: number;
  capped?: boolean | undefined;
}): string {
  return capped ? `${wholeNumber(count)}+` : wholeNumber(count);
}
