// @ts-check
/**
 * The findings of the benchmarks, and their table.
 *
 * @module
 */

/** @import { Ratio } from "./paired.mjs" */

import { markdownTable } from "markdown-table";

/**
 * The amounts of data to measure with.
 *
 * @typedef {object} Scale
 * @property {number} sessions in the large stores
 * @property {number} fewSessions in the small stores that they're compared with
 * @property {number} removedSessions sessions of one subject that are removed at once
 * @property {number} notifications in an outbox, delivered at once
 */

/**
 * A result: a ratio or an amount.
 *
 * @typedef {object} Finding
 * @property {string} what
 * @property {Ratio} [ratio]
 * @property {number} [amount]
 * @property {string} [unit] of the amount
 * @property {number} [budget] at most this many times, or this amount
 * @property {{ client: Ratio, server?: Ratio }} [processor] in addition to a ratio of wall times:
 *   the ratios of the processor time of the calling process and of its database connections
 */

/** @param {Finding} finding */
export function meetsBudget({ ratio, amount, budget }) {
  const measured = ratio?.median ?? amount ?? Number.NaN;
  // NaN misses every budget.
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
 * All findings as a Markdown table, which is readable in the terminal too. Empty columns are left
 * out.
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
