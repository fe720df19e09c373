/**
 * Times on the command line and in tables.
 *
 * @module
 */

import { epochMilliseconds } from "../src/instant.js";
import { usage } from "./failure.js";

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A time without seconds, which people write and RFC 3339 doesn't have. */
const MINUTE = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d)(?=[Zz+-])/;

/**
 * The time that an argument names, in RFC 3339: a time of ISO 8601 with its zone, a date (UTC), or
 * a time span such as `2h` or `7d`.
 *
 * @param sign whether a time span counts back from now (-1) or on (1)
 */
export function instant(flag: string, text: string, sign: -1 | 1, now: number): string {
  const [, count, unit = ""] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const span = UNITS[unit];
  const given =
    span === undefined ? text.replace(MINUTE, "$1:00") : now + sign * Number(count) * span;
  const time = epochMilliseconds(given);
  if (time === undefined) {
    throw usage(
      `\`${flag}\` must be a time such as \`2026-11-30T12:00:00Z\`, or a time span such as \`2h\` or \`7d\``,
    );
  }
  return new Date(time).toISOString();
}

const SPANS = Object.entries(UNITS).reverse();

/** A time of the API's for a person, such as `3h ago` or `in 2d`. */
export function relative(time: string | undefined): string {
  if (time === undefined) return "";
  const span = Date.parse(time) - Date.now();
  if (Number.isNaN(span)) return time;
  const [unit, length] = SPANS.find(([, one]) => Math.abs(span) >= one) ?? ["s", 1_000];
  const text = `${Math.floor(Math.abs(span) / length)}${unit}`;
  return span > 0 ? `in ${text}` : `${text} ago`;
}
