// The index for a part of a name on PostgreSQL, made with the statements of the guide.
import { readFileSync } from "node:fs";

const guide = readFileSync(new URL("../../docs/stores/postgres.md", import.meta.url), "utf8");
const [, statements] = guide.match(/```sql\n(create extension[^`]+)```/) ?? [];
if (statements === undefined)
  throw new Error("docs/stores/postgres.md has no index for a part of a name");

export const NAME_PART_INDEX = "rollcall_sessions_name_part";

/** Creates the index. */
export async function createNamePartIndex(/** @type {(sql: string) => Promise<unknown>} */ run) {
  for (const statement of statements.split(";\n").filter(Boolean)) await run(statement);
}
