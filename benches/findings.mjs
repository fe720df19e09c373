// @ts-check
/**
 * What the benchmarks find, and how it is shown.
 *
 * @module
 */

/** @import { Ratio } from "./paired.mjs" */

import { markdownTable } from "markdown-table";

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
 * @property {{ client: Ratio, server?: Ratio }} [processor] beside a ratio of wall times: the
 *   ratios of the processor time that the calling process and its database connections take
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
  "processor, client",
  "processor, server",
  "budget",
  "",
];

/**
 * All findings as a table: for the terminal, and as it is in Markdown. Columns that would be empty
 * are left out.
 *
 * @param {Finding[]} findings
 */
export function table(findings) {
  const rows = findings.map(cells);
  const columns = [...HEADS.keys()].filter((column) => rows.some((row) => row[column] !== ""));
  const lines = [HEADS, ...rows].map((line) => columns.map((column) => line[column] ?? ""));
  return `${markdownTable(lines)}\n`;
}

/** @param {Finding} finding */
function cells(finding) {
  const { what, ratio, amount = Number.NaN, unit, budget, processor } = finding;
  const verdict = meetsBudget(finding) ? "met" : "**missed**";
  const ofBudget = (/** @type {string} */ limit) =>
    budget === undefined ? ["", ""] : [`at most ${limit}`, verdict];
  if (ratio === undefined) {
    const measured = `${significant(amount)} ${unit}`;
    return [what, measured, "", "", "", "", "", ...ofBudget(`${budget} ${unit}`)];
  }
  const range = (/** @type {number[]} */ values) =>
    values.map((value) => value.toFixed(2)).join(" to ");
  const processorTimes = [processor?.client, processor?.server].map((time) =>
    time === undefined ? "" : `${times(time)} (${calls(time)})`,
  );
  return [
    what,
    times(ratio),
    range(ratio.interval),
    range(ratio.quartiles),
    calls(ratio),
    ...processorTimes,
    ...ofBudget(`${budget} times`),
  ];
}

/** @param {Ratio} ratio */
function times({ median }) {
  return `${median.toFixed(2)} times`;
}

/** @param {Ratio} ratio */
function calls({ subject, baseline }) {
  return `${significant(subject)} over ${significant(baseline)}`;
}

/** @param {number} value */
function significant(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
