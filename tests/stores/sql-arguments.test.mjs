// Arguments that the SQL stores refuse.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import {
  libsqlDialect,
  migrate,
  migrationSql,
  nodeSqliteDialect,
  sqlStores,
} from "../../pkg/sql.js";
import { argumentCases } from "./argument-cases.mjs";
import { testCases } from "./cases.mjs";
import { engine } from "./engines.mjs";
import { namedStores } from "./names.mjs";
import { fullSession, grant, session } from "./samples.mjs";
import { step } from "./steps.mjs";
import { OPTIONS, openForKit } from "./support.mjs";

async function openMemory(t) {
  const kysely = new Kysely({ dialect: libsqlDialect(createClient({ url: ":memory:" })) });
  t.after(() => kysely.destroy());
  await migrate(kysely, OPTIONS);
  return { kysely, ...namedStores(kysely, OPTIONS) };
}

const invalid = (message) => ({ name: "RollcallError", code: "invalid_argument", message });

testCases(
  "arguments of the SQL stores",
  argumentCases(async () => openForKit(await engine("libsql"))),
);

describe("the SQL stores refuse", () => {
  test("an unknown dialect, and unknown options", async (t) => {
    const { kysely } = await openMemory(t);
    const wrong = [
      [{ dialect: "oracle" }, /`dialect` must be one of `sqlite`.* and not `oracle`$/],
      [{ dialect: "toString" }, /`dialect`/],
      [{ dialect: ["sqlite"] }, /`dialect`/],
      [{}, /dialect/],
      [{ ...OPTIONS, schema: "auth" }, /unknown option `schema`; the options are `dialect`/],
      [{ ...OPTIONS, busyTimeout: -1 }, /busyTimeout/],
      [{ ...OPTIONS, busyTimeout: Number.NaN }, /busyTimeout/],
      [{ ...OPTIONS, busyTimeout: "5" }, /busyTimeout/],
      [{ ...OPTIONS, prepare: "no" }, /`prepare`/],
      [{ ...OPTIONS, prepare: null }, /`prepare`/],
      [undefined, /options/],
      [null, /options/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => sqlStores(kysely, options), invalid(message), JSON.stringify(options));
      await assert.rejects(migrate(kysely, options), invalid(message), JSON.stringify(options));
      assert.throws(() => migrationSql(options), invalid(message), JSON.stringify(options));
    }
  });

  test("an unknown filter, rather than ignoring it", async (t) => {
    const { sessions, grants, outbox, atomic } = await openMemory(t);
    await sessions.create(session("a"));
    await grants.store(grant("token", { subjectId: "alice" }));
    for (const name of ["userAgent", "toString", "constructor"]) {
      const unknown = { code: "unsupported_filter", message: new RegExp(`\`${name}\``) };
      const filter = { [name]: { contains: "x" } };
      await assert.rejects(sessions.list({ filter, order: "newest", limit: 1 }), unknown);
      await assert.rejects(sessions.count(filter), unknown);
      await assert.rejects(atomic.endSessions(step({ filter })), unknown);
      await assert.rejects(atomic.clientsOf(step({ filter })), unknown);
    }
    for (const method of ["list", "count", "remove"]) {
      await assert.rejects(
        grants[method]({ subjectID: "alice", types: ["refresh_token"] }),
        invalid(/`subjectID`/),
        method,
      );
    }
    await assert.rejects(outbox.list({ subjectID: "alice" }), invalid(/`subjectID`/));
    const matching = [{ subjectID: "alice", types: ["refresh_token"] }];
    await assert.rejects(
      atomic.endSessions(step({ revoke: { matching } })),
      invalid(/`subjectID`/),
    );
    assert.equal(await sessions.count({}), 1);
    assert.deepEqual(await grants.count({ subjectId: "alice" }), {
      tokens: 1,
      consents: 0,
      other: 0,
    });
  });

  test("a change of a fixed member, and the removal of a required one", async (t) => {
    const { sessions } = await openMemory(t);
    await sessions.create(fullSession("a"));
    const wrong = [
      ...["created", "clients", "id", "toString"].map((name) => ({ [name]: 1 })),
      ...["scheme", "subjectId", "sessionId", "renewed"].map((name) => ({ [name]: null })),
    ];
    for (const change of wrong) {
      const [name] = Object.keys(change);
      await assert.rejects(
        sessions.update("a", { ticket: "new", ...change }),
        invalid(new RegExp(`\`${name}\``)),
        name,
      );
    }
    assert.deepEqual(await sessions.get("a"), fullSession("a"));
    assert.equal(
      await sessions.update("a", { ticket: "new", issuer: undefined }),
      true,
      "`undefined` counts as absent",
    );
    assert.deepEqual(await sessions.get("a"), { ...fullSession("a"), ticket: "new" });
  });

  test("positions that they did not return", async (t) => {
    const { sessions } = await openMemory(t);
    const damaged = [
      "1",
      ".",
      "1.",
      ".1",
      "1.2.3",
      "1.-1",
      "-.1",
      "+1.1",
      " 1.1",
      "1.1 ",
      "A.1",
      "1.1\n",
      "01.1",
      "1.01",
      "zzzzzzzzzzzz.1",
    ];
    for (const after of [...damaged, "zzzzzzzzzzz.1", "-0.1"]) {
      const request = { filter: {}, order: "newest", limit: 1, after };
      await assert.rejects(
        sessions.list(request),
        { code: "invalid_results_token" },
        JSON.stringify(after),
      );
    }
    await sessions.list({ filter: {}, order: "newest", limit: 1, after: "-1.1" });
  });

  test("a grant of a day that doesn't exist, or without an offset", async (t) => {
    const { grants } = await openMemory(t);
    for (const created of ["2026-02-30", "2026-01-01T10:00:00"]) {
      await assert.rejects(grants.store(grant("a", { created })), invalid(/`created`/));
    }
  });

  test("a `node:sqlite` that can't report whether a statement returns rows", async () => {
    const tooOld = {
      prepare: () => ({ all: () => [], run: () => ({ changes: 0, lastInsertRowid: 0 }) }),
      close: () => {},
    };
    const kysely = new Kysely({ dialect: nodeSqliteDialect(tooOld) });
    await assert.rejects(migrate(kysely, OPTIONS), invalid(/Node 22\.16/));
  });
});
