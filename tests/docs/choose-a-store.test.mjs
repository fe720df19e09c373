/** The program and the tables of docs/start/choose-a-store.md. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createClient } from "@libsql/client";
import { Kysely, sql } from "kysely";
import { makeSession } from "../../benches/sessions.mjs";
import { libsqlDialect, migrate, sqlStores } from "../../pkg/sql.js";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/start/choose-a-store.md";
const page = await readFile(new URL(`../../${PAGE}`, import.meta.url), "utf8");
const results = await readFile(new URL("../../benches/RESULTS.md", import.meta.url), "utf8");

/** The cells of the rows of a table, by the heading above it. */
function rowsOf(text, heading) {
  const section = text.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

const measured = results
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim()));

/** The milliseconds of the numerator in a row of the results. */
function resultOf(what) {
  const row = measured.find(([, name]) => name === what);
  return row?.[5].split(" over ")[0];
}

test("the estimate prints what the page shows", async () => {
  const [program, ...others] = await examplesOf(PAGE, import.meta.url);
  assert.deepEqual(others, []);
  assert.equal(await run(program), (await outputsOf(PAGE, import.meta.url)).join());
});

test("the sizes are those of the results, and the totals are computed from them", async () => {
  const amounts = Object.fromEntries(measured.map(([, what, amount]) => [what, amount]));
  const redis = await readFile(new URL("../../docs/stores/redis.md", import.meta.url), "utf8");
  const memory = "memory store, a session of 1,000,000";
  const postgres = "PostgreSQL, 1,000,000 sessions: a session of Rollcall with two clients";
  assert.equal(amounts[`${memory}, without its ticket`], "386 bytes");
  assert.equal(amounts[`${memory}, with a short ticket`], "483 bytes");
  assert.equal(amounts[`${postgres}, all indexes`], "1177 bytes");
  assert.match(redis, /about 3\.1 KB.*1,000,000 sessions.*takes 2\.2 KB/s);

  const bytes = (cell) => {
    const [number, unit] = cell.replaceAll(",", "").split(" ");
    return Number(number) * { bytes: 1, MB: 1e6, GB: 1e9 }[unit];
  };
  const rows = rowsOf(page, "Size").filter((cells) => cells.length === 5 && /^\d/.test(cells[1]));
  assert.equal(rows.length, 6);
  for (const [store, each, ...totals] of rows) {
    for (const [index, sessions] of [1e4, 1e6, 1e7].entries()) {
      const computed = bytes(each) * sessions;
      const shown = bytes(totals[index]);
      assert.ok(Math.abs(shown - computed) < computed / 200, `${store}: ${totals[index]}`);
    }
  }
});

test("the speeds are those of the results", () => {
  const operations = [
    "first page, 1,000,000 over 10,000 sessions",
    "page 40,000 over page 1",
    "page by subject with its exact count, 1,000,000 over 10,000 sessions",
    "first page with the exact count, 1,000,000 over 10,000 sessions",
    "first page with a capped count, 1,000,000 over 10,000 sessions",
    "page by a part of a name that matches no session, 1,000,000 over 10,000 sessions",
    "removal of one session, 1,000,000 over 10,000 sessions",
  ];
  const [[, ...stores], , ...rows] = rowsOf(page, "Speed");
  for (const [index, [call, ...cells]] of rows.entries()) {
    const expected = stores.map(
      (store) => resultOf(`${store}: ${operations[index]}`) ?? "not supported",
    );
    assert.deepEqual(cells, expected, call);
  }
  assert.equal(rows.length, operations.length);
});

test("an entry in SQLite has about the size of the page", async () => {
  const database = createClient({ url: ":memory:" });
  const kysely = new Kysely({ dialect: libsqlDialect(database) });
  await migrate(kysely, { dialect: "sqlite" });
  const entries = Array.from({ length: 500 }, (_, number) => makeSession(number, 10_000));
  const grants = entries.map(({ subjectId, sessionId, clients }, number) => ({
    key: createHash("sha256").update(`token ${number}`).digest("hex"),
    type: "refresh_token",
    subjectId,
    sessionId,
    clientId: clients[0].clientId,
    created: new Date(),
    expires: new Date(Date.now() + number),
    data: '{"scope":"openid profile email"}',
  }));
  const notifications = entries.map(({ subjectId, sessionId, clients, issuer }, number) => ({
    id: `session:${2 ** 50 + number}:${clients[0].clientId}`,
    clientId: clients[0].clientId,
    logoutUri: "https://shop.example.com/logout",
    subjectId,
    sessionId,
    issuer,
    reason: "terminated",
    attempt: 0,
    created: Date.now(),
  }));
  const size = async () => {
    const pages = sql`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`;
    return (await pages.execute(kysely)).rows[0].bytes;
  };
  const growth = async (add) => {
    const before = await size();
    await kysely.transaction().execute((transaction) => {
      return add(sqlStores(transaction, { dialect: "sqlite" }));
    });
    return ((await size()) - before) / entries.length;
  };
  const session = await growth(async ({ sessions }) => {
    for (const entry of entries) await sessions.create(entry);
  });
  const grant = await growth(async ({ grants: store }) => {
    for (const entry of grants) await store.store(entry);
  });
  const notification = await growth(async ({ outbox }) => {
    await outbox.add(notifications);
    const now = Date.now();
    for (const { id } of notifications) await outbox.settle(id, { state: "delivered" }, now);
  });
  database.close();
  // A few hundred rows leave more half-filled pages than 10,000 do.
  for (const [found, shown] of [
    [session, 900],
    [grant, 540],
    [notification, 630],
  ])
    assert.ok(Math.abs(found - shown) < shown * 0.25, `${found} instead of ${shown}`);
});
