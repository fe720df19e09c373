// @ts-check
/**
 * How times, numbers and ids are written.
 *
 * @module
 */

import { element } from "./dom.js";

const localDate = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const localClock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const localNumber = new Intl.NumberFormat();
const plural = new Intl.PluralRules("en");

/** The longest id that is shown whole, and how much of a longer one is. In characters. */
const WHOLE_ID = 14;
const ID_START = 10;

/**
 * A time in the reader's own time zone, with UTC on hover.
 *
 * @param {Date} date
 * @returns {HTMLTimeElement}
 */
export function timeElement(date) {
  const parts = [localDate, localClock].map((format) =>
    element("span", "unbroken", format.format(date)),
  );
  const time = element("time", "", ...parts.flatMap((part) => [part, " "]).slice(0, -1));
  time.dateTime = date.toISOString();
  time.title = utc(date);
  return time;
}

/**
 * `2026-11-24 06:35:12 UTC`
 *
 * @param {Date} date
 * @returns {string}
 */
export function utc(date) {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * `1 session`, `1,234 sessions`
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string}
 */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${plural.select(count) === "one" ? one : many}`;
}

/**
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  return localNumber.format(value);
}

/**
 * The beginning of a long id, enough to tell it from its neighbours.
 *
 * @param {string} id
 * @returns {string}
 */
export function shortened(id) {
  return id.length > WHOLE_ID ? `${id.slice(0, ID_START)}…` : id;
}
