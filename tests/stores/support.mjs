// What the tests of the SQL stores share.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { byName } from "./names.mjs";

/** For SQLite in every form. */
export const OPTIONS = { dialect: "sqlite" };

// In memory where there is such a file system: the tests write much and need none of it to last.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A path in a fresh folder, which is removed when the test is done. */
export async function temporaryFile(t) {
  const folder = await mkdtemp(join(TEMPORARY, "rollcall-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "sessions.db");
}

/** Opens the database in a place, and closes it when the test is done. */
export function openAt(t, engine, place, kyselyOptions) {
  const database = engine.open(place, kyselyOptions);
  t.after(() => database.kysely.destroy());
  return database;
}

/** Opens a fresh database that has no tables yet. */
export async function openEmpty(t, engine, kyselyOptions) {
  const place = await engine.place(t);
  return { place, ...openAt(t, engine, place, kyselyOptions) };
}

/** Opens fresh stores, which take names for keys, together with their database. */
export async function openStores(t, engine, kyselyOptions) {
  return byName(await openUnnamed(t, engine, kyselyOptions));
}

/** The same under the keys themselves. */
export async function openUnnamed(t, engine, kyselyOptions) {
  const database = await openEmpty(t, engine, kyselyOptions);
  await migrate(database.kysely, engine.options);
  return { ...sqlStores(database.kysely, engine.options), ...database };
}

/**
 * The same for the conformance kit and other cases, which close them themselves and name the
 * sessions themselves.
 */
export async function openForKit(engine) {
  const endings = [];
  const { sessions, grants, outbox, atomic, query } = await openUnnamed(
    { after: (end) => endings.unshift(end) },
    engine,
  );
  return {
    sessions,
    grants,
    outbox,
    atomic,
    query,
    close: async () => {
      for (const end of endings) await end();
    },
  };
}
