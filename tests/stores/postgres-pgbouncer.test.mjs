// The SQL stores behind PgBouncer, which may run each transaction on a different connection.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sql } from "kysely";
import { sqlStores } from "../../pkg/sql.js";
import { pgbouncerVersion, startPgbouncer } from "../servers/pgbouncer.mjs";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { testStores } from "./kit.mjs";
import { connect, emptyStores, OPTIONS } from "./postgres-drivers.mjs";

const KEY = "a".repeat(64);

const UNPREPARED = { ...OPTIONS, prepare: false };

/** The first version that supports prepared statements. */
const FOLLOWS = "1.21";
const isBefore = (version, other) => {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map((text) =>
    text.split(".").map(Number),
  );
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
};

async function start() {
  const version = pgbouncerVersion();
  const server = await startPostgres();
  const pooler = await startPgbouncer(server.url);
  return { version, server, pooler };
}

const running = await start().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("the SQL stores behind PgBouncer", { skip: error.message }, () => {});
});

if (running !== undefined) {
  const { version, server, pooler } = running;
  const kysely = await connect(pooler.url);
  after(async () => {
    await kysely.destroy();
    await pooler.stop();
    await server.stop();
  });

  test("behind a pooler without prepared statements the error names `prepare: false`", {
    skip: !isBefore(version, FOLLOWS) && `PgBouncer ${version} supports them`,
  }, async () => {
    const { sessions } = sqlStores(kysely, OPTIONS);
    const calls = Array.from({ length: 200 }, () => sessions.get(KEY));
    const results = await Promise.allSettled(calls);
    const errors = results.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    assert.ok(errors.length > 0, "no call failed");
    for (const error of errors) {
      assert.equal(error.name, "RollcallError", `${error}`);
      assert.equal(error.code, "not_configured");
      assert.match(error.message, /`prepare: false`/);
      assert.ok(error.cause instanceof Error, "the driver's error is the cause");
    }
    await sql`select 1`.execute(kysely);
  });

  await testStores(
    (promise, run) => test(`${promise}, behind PgBouncer`, run),
    () => emptyStores(kysely, UNPREPARED),
    "PostgreSQL behind PgBouncer",
  );
}
