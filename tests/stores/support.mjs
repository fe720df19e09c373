// Shared by the tests of the SQL stores.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { byName } from "./names.mjs";

/** For every SQLite engine. */
export const OPTIONS = { dialect: "sqlite" };

// In memory if there is such a file system: the tests write a lot and keep nothing.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A path in a fresh folder, which is removed after the test. */
export async function temporaryFile(t) {
  const folder = await mkdtemp(join(TEMPORARY, "rollcall-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "sessions.db");
}

/** Opens the database of a place, and closes it after the test. */
export function openAt(t, engine, place, kyselyOptions) {
  const database = engine.open(place, kyselyOptions);
  t.after(() => database.kysely.destroy());
  return database;
}

/** Opens a fresh database without tables. */
export async function openEmpty(t, engine, kyselyOptions) {
  const place = await engine.place(t);
  return { place, ...openAt(t, engine, place, kyselyOptions) };
}

/**
 * Opens fresh stores, which are called with names instead of keys, together with their database.
 */
export async function openStores(t, engine, kyselyOptions) {
  return byName(await openUnnamed(t, engine, kyselyOptions));
}

/** The same, called with keys. */
export async function openUnnamed(t, engine, kyselyOptions) {
  const database = await openEmpty(t, engine, kyselyOptions);
  await migrate(database.kysely, engine.options);
  return { ...sqlStores(database.kysely, engine.options), ...database };
}

/** The same for the conformance kit and other cases, which close the stores and use keys. */
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
