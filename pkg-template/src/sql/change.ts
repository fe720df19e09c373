/**
 * Changes that tell which rows they changed.
 *
 * @module
 */

import type { Compilable } from "kysely";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/** A change in both forms. */
export interface Change<Row> {
  /** The rows that it will change, locked. */
  locked: Compilable<Row>;
  /** The change, and the same with what it returns of each row. */
  change: Compilable<unknown> & { returning(column: string & keyof Row): Compilable<Row> };
  /** What is told of each row. */
  column: string & keyof Row;
}

/**
 * The steps of a change. Not by the number of changed rows: not every driver tells it, and MySQL
 * leaves out what stays the same.
 */
export function changeSteps<Row>(
  { dialect }: WorkUnits,
  { locked, change, column }: Change<Row>,
  take: (rows: Row[]) => void,
): Step[] {
  return dialect.speaksMysql
    ? [step(locked, take), step(change)]
    : [step(change.returning(column), take)];
}

/** Makes a change of one row, and tells whether it was there. */
export async function changesOne<Row>(work: WorkUnits, change: Change<Row>): Promise<boolean> {
  let isThere = false;
  await work.all(
    changeSteps(work, change, (rows) => {
      isThere = rows.length > 0;
    }),
  );
  return isThere;
}
