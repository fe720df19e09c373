// Statements that `pg` prepares once for each connection.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { migrate } from "../../pkg/sql.js";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { namedStores } from "./names.mjs";
import { DRIVERS, OPTIONS } from "./postgres-drivers.mjs";
import { fullSession, session } from "./samples.mjs";

/** The most frequent calls, with different values in each round. */
async function doRound({ sessions }, round) {
  const [full, bare] = [`full ${round}`, `bare ${round}`];
  await sessions.create(fullSession(full));
  await sessions.create(session(bare, { subjectId: bare, created: round }));
  assert.equal((await sessions.get(full)).key, full);
  assert.equal(await sessions.get(`none ${round}`), undefined);
  assert.equal(await sessions.update(bare, { renewed: round }), true);
  assert.equal(await sessions.update(bare, {}), true);
  assert.equal(await sessions.addClient(bare, { clientId: `client ${round}` }, round), true);
  const page = await sessions.list({ filter: {}, order: "newest", limit: 2 });
  assert.equal(page.sessions.length, 2);
  const filter = { subjectId: { equals: bare } };
  assert.equal((await sessions.list({ filter, order: "oldest", limit: 5 })).sessions.length, 1);
  assert.equal(await sessions.count(filter), 1);
}

/**
 * The number of statements of a round that stay prepared: all except those that are planned with
 * their values.
 */
const PREPARED = 6;
/** The number that don't: the page and the count of a subject. */
const PLANNED = 2;

const isNamed = ({ name }) => name !== undefined && name !== "";

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("prepared statements on PostgreSQL", { skip: error.message }, () => {});
});

if (server !== undefined) {
  after(() => server.stop());

  /**
   * Opens a database with `pg` on this many connections, and records the Parse messages of each.
   */
  const open = async (t, connections, options) => {
    const pool = new pg.Pool({ connectionString: server.url, max: connections });
    const parsed = [];
    pool.on("connect", ({ connection }) => {
      const ofConnection = [];
      parsed.push(ofConnection);
      const parse = connection.parse;
      connection.parse = (query, ...more) => {
        ofConnection.push(query);
        return parse.call(connection, query, ...more);
      };
    });
    const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
    t.after(() => kysely.destroy());
    await migrate(kysely, OPTIONS);
    await sql`truncate rollcall_sessions, rollcall_session_clients`.execute(kysely);
    const stores = namedStores(kysely, { ...OPTIONS, ...options });
    return { kysely, parsed, stores };
  };

  const preparedOn = async (kysely) => {
    const { rows } = await sql`select name, statement from pg_prepared_statements`.execute(kysely);
    return rows;
  };

  test("a statement is parsed once on each connection, however often it runs", async (t) => {
    const { kysely, parsed, stores } = await open(t, 1);
    await doRound(stores, 1);
    const after = await preparedOn(kysely);
    assert.equal(after.length, PREPARED);
    assert.equal(new Set(after.map(({ statement }) => statement)).size, after.length);
    for (const { name } of after) assert.match(name, /^rollcall [0-9a-f-]{36} \d+$/);
    const [onlyOne] = parsed;
    const sent = onlyOne.length;
    const rounds = 20;
    for (let round = 2; round < 2 + rounds; round += 1) await doRound(stores, round);
    const later = onlyOne.slice(sent);
    assert.deepEqual(later.filter(isNamed), [], "a named statement was parsed again");
    assert.equal(later.length, PLANNED * rounds);
    assert.deepEqual(await preparedOn(kysely), after);
  });

  test("each of several connections parses a statement, and other stores of the process share it", async (t) => {
    const { kysely, parsed, stores } = await open(t, 4);
    const others = namedStores(kysely, OPTIONS);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => doRound(n % 2 === 0 ? stores : others, n + 1)),
    );
    assert.equal(parsed.length, 4);
    const all = new Set();
    for (const ofConnection of parsed) {
      const names = ofConnection.filter(isNamed).map(({ name }) => name);
      assert.ok(names.length > 0);
      assert.equal(new Set(names).size, names.length, "a statement was parsed twice");
      for (const name of names) all.add(name);
    }
    assert.equal(all.size, PREPARED);
  });

  test("`prepare: false` leaves no prepared statement", async (t) => {
    const { kysely, parsed, stores } = await open(t, 1, { prepare: false });
    await doRound(stores, 1);
    assert.deepEqual(await preparedOn(kysely), []);
    assert.ok(parsed[0].length > 0);
    assert.deepEqual(parsed[0].filter(isNamed), []);
  });

  test("the log of Kysely gets the text of a statement", async (t) => {
    const logged = [];
    const kysely = new Kysely({
      dialect: DRIVERS.pg(server.url),
      log: ({ query }) => logged.push(query.sql),
    });
    t.after(() => kysely.destroy());
    await namedStores(kysely, OPTIONS).sessions.get("a");
    assert.match(JSON.stringify(logged), /^\["select /);
    const [text] = logged;
    assert.match(`${text}`, /^select .* from "rollcall_sessions"/s);
    assert.ok(text > "select" && text < "selection");
    assert.equal(text.length, `${text}`.length);
    assert.equal(text.slice(0, 6), "select");
  });

  test("statements work after a column has changed its type, even in a transaction", async (t) => {
    const { kysely, stores } = await open(t, 1);
    await stores.sessions.create(fullSession("a"));
    await stores.sessions.get("a");
    const changeTo = (type) =>
      sql`alter table rollcall_sessions alter column scheme type ${sql.raw(type)} collate "C"`.execute(
        kysely,
      );
    await changeTo("varchar(300)");
    try {
      assert.deepEqual(await stores.sessions.get("a"), fullSession("a"));
      await kysely.transaction().execute(async (transaction) => {
        const { sessions } = namedStores(transaction, OPTIONS);
        assert.deepEqual(await sessions.get("a"), fullSession("a"));
      });
    } finally {
      await changeTo("text");
    }
  });

  test("postgres.js gets no statement names", async (t) => {
    const kysely = new Kysely({ dialect: DRIVERS["postgres.js"](server.url) });
    t.after(() => kysely.destroy());
    const { sessions } = namedStores(kysely, OPTIONS);
    await sessions.get("a");
    await sessions.get("b");
    const names = (await preparedOn(kysely)).map(({ name }) => name);
    assert.ok(names.every((name) => !name.startsWith("rollcall")));
  });
}
