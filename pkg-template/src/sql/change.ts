/**
 * Changes that tell which rows they changed. Not by the number of changed rows: not every driver
 * tells it, and MySQL leaves out what stays the same.
 *
 * @module
 */

import type { Compilable } from "kysely";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/**
 * A change, and the rows that it will change, locked. MySQL needs these, the others return them.
 */
export interface Change<Row> {
  locked: Pick<Compilable<Row>, "compile">;
  /** With `returning`, except on MySQL. */
  change: Pick<Compilable<Row | unknown>, "compile">;
}

/** The steps of a change; `take` gets its rows. */
export function changeSteps<Row>(
  { dialect }: WorkUnits,
  { locked, change }: Change<Row>,
  take: (rows: Row[]) => void,
): Step[] {
  return dialect.speaksMysql
    ? [step(locked, take), step(change)]
    : [step(change as Pick<Compilable<Row>, "compile">, take)];
}

/** Makes a change of one row, and tells whether the row was there. */
export async function changesOne<Row>(work: WorkUnits, change: Change<Row>): Promise<boolean> {
  let isThere = false;
  await work.all(
    changeSteps(work, change, (rows) => {
      isThere = rows.length > 0;
    }),
  );
  return isThere;
}
