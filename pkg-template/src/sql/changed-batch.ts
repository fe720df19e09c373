/**
 * Changes or deletes a batch of rows that an index finds, for background passes.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { WorkUnits } from "./unit-of-work.js";

/** The rows that a batch changes, and how. */
export interface Batch<Bound extends number | string> {
  /** Identifies the SQL of the statement: everything that it depends on, except values. */
  readonly name: string;
  /** The beginning of the statement, such as `delete from rollcall_outbox`. */
  readonly change: RawBuilder<unknown>;
  readonly table: string;
  /** The column that identifies a row: the primary key. */
  readonly key: string;
  readonly index: string;
  /** The condition that uses the index, and its order. */
  readonly found: (bound: Bound) => RawBuilder<unknown>;
}

/**
 * Changes up to `limit` rows and returns how many. Skips rows that another transaction has locked,
 * so that no two transactions wait for each other.
 */
export async function changeBatch<Bound extends number | string>(
  work: WorkUnits,
  { name, change, table, key, index, found }: Batch<Bound>,
  bound: Bound,
  limit: number,
): Promise<number> {
  const { dialect, raw } = work;
  const column = sql.ref<string>(key);
  const rows = (read: RawBuilder<string>, bound: Bound, limit: number) =>
    sql<{
      key: string;
    }>`select ${read} as ${sql.ref("key")} from ${sql.table(table)} ${dialect.byIndex(index)}
      where ${found(bound)} limit ${limit} ${dialect.locksRows ? sql`for update skip locked` : sql``}`;
  if (dialect.hasMysqlSyntax) {
    return await work.interactive(async (run) => {
      // 64-bit numbers are passed and returned as strings.
      const [read, write] =
        key === "id" && table === "rollcall_sessions"
          ? [dialect.digits(column), dialect.rowId]
          : [column, (key: string) => sql`${key}`];
      const locked = await run(raw(rows(read, bound, limit)));
      if (locked.length > 0) {
        const keys = sql.join(locked.map((row) => write(row.key)));
        await run(raw(sql`${change} where ${column} in (${keys})`));
      }
      return locked.length;
    });
  }
  const statement = work.statement(name, { bound, limit }, ({ bound, limit }) => {
    const isSelected = dialect.isAmong(column, sql`(${rows(column, bound, limit)})`);
    return raw(sql`${change} where ${isSelected} returning 1 as one`);
  });
  return (await work.one(statement)).rows.length;
}
