/**
 * Changes that return which rows they changed. The number of changed rows can't be used: some
 * drivers don't report it, and MySQL doesn't count rows that stay the same.
 *
 * @module
 */

import type { Compilable } from "kysely";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/**
 * A change, and the query that locks the rows that it will change. MySQL needs the query; on other
 * engines the change returns the rows.
 */
export interface Change<Row> {
  locked: Pick<Compilable<Row>, "compile">;
  /** With `returning`, except on MySQL. */
  change: Pick<Compilable<Row | unknown>, "compile">;
}

/** The steps of a change; `take` receives its rows. */
export function changeSteps<Row>(
  { dialect }: WorkUnits,
  { locked, change }: Change<Row>,
  take: (rows: Row[]) => void,
): Step[] {
  return dialect.hasMysqlSyntax
    ? [step(locked, take), step(change)]
    : [step(change as Pick<Compilable<Row>, "compile">, take)];
}

/** Changes one row, and returns whether the row existed. */
export async function changesOne<Row>(work: WorkUnits, change: Change<Row>): Promise<boolean> {
  let isThere = false;
  await work.all(
    changeSteps(work, change, (rows) => {
      isThere = rows.length > 0;
    }),
  );
  return isThere;
}
