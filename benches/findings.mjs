// @ts-check
/**
 * What the benchmarks find, and how it is shown.
 *
 * @module
 */

/** @import { Ratio } from "./paired.mjs" */

/**
 * How much there is to measure with.
 *
 * @typedef {object} Scale
 * @property {number} sessions in the large stores
 * @property {number} fewSessions in the small stores that they are held against
 * @property {number} removedSessions of one subject, all removed at once
 * @property {number} notifications in an outbox, all delivered at once
 */

/**
 * One thing that was measured: a ratio, or an amount.
 *
 * @typedef {object} Finding
 * @property {string} what
 * @property {Ratio} [ratio]
 * @property {number} [amount]
 * @property {string} [unit] of the amount
 * @property {number} [budget] at most this many times, or this amount
 */

/** @param {Finding} finding */
export function meetsBudget({ ratio, amount, budget }) {
  const measured = ratio?.median ?? amount ?? Number.NaN;
  // Whatever is not a number misses it.
  return budget === undefined || measured <= budget;
}

const HEADS = [
  "what",
  "measured",
  "95 % interval",
  "half of the rounds",
  "ms a call",
  "budget",
  "",
];

/**
 * All findings as a table: for the terminal, and as it is in Markdown.
 *
 * @param {Finding[]} findings
 */
export function table(findings) {
  const lines = [HEADS, HEADS.map(() => "-"), ...findings.map(cells)];
  const widths = HEADS.map((_, column) =>
    Math.max(...lines.map((line) => [...(line[column] ?? "")].length)),
  );
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) =>
    cell === "-"
      ? "-".repeat(widths[column] ?? 1)
      : cell + " ".repeat((widths[column] ?? 0) - [...cell].length);
  return lines.map((line) => `| ${line.map(pad).join(" | ")} |\n`).join("");
}

/** @param {Finding} finding */
function cells(finding) {
  const { what, ratio, amount = Number.NaN, unit, budget } = finding;
  const verdict = meetsBudget(finding) ? "met" : "**missed**";
  const ofBudget = (/** @type {string} */ limit) =>
    budget === undefined ? ["", ""] : [`at most ${limit}`, verdict];
  if (ratio === undefined) {
    return [what, `${significant(amount)} ${unit}`, "", "", "", ...ofBudget(`${budget} ${unit}`)];
  }
  const { median, interval, quartiles, subject, baseline } = ratio;
  const range = (/** @type {number[]} */ values) =>
    values.map((value) => value.toFixed(2)).join(" to ");
  const times = `${significant(subject)} over ${significant(baseline)}`;
  return [
    what,
    `${median.toFixed(2)} times`,
    range(interval),
    range(quartiles),
    times,
    ...ofBudget(`${budget} times`),
  ];
}

/** @param {number} value */
function significant(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
