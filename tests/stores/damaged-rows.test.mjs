// Rows that this version of the package can't read don't block a pass or a removal, on every
// engine.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createClient } from "redis";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "../../pkg/entry/node.js";
import { startRedis } from "../servers/redis.mjs";
import { engine } from "./engines.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { available, keyOf, openUnnamed as openUnnamedRedis, rootOf } from "./redis-cases.mjs";
import { notification, session } from "./samples.mjs";
import { openUnnamed } from "./support.mjs";

const NOT_NOTIFIED = "clients were not notified of some sessions, which the store could not read";

const clients = (clientId) => ({
  clientId,
  backChannelLogoutUri: `https://${clientId}.example/logout`,
});

/**
 * Opens stores on an SQL engine, with functions that damage their rows.
 *
 * @param {import("./engines.mjs").Engine} engine
 * @param {(number: number) => string} parameter returns the placeholder of a parameter
 */
function onSql(engine, parameter) {
  return async (t) => {
    const { sessions, outbox, grants, atomic, query } = await openUnnamed(t, engine);
    const [value, id] = [parameter(1), parameter(2)];
    return {
      stores: { sessions, outbox, grants, atomic },
      damage: (sessionId, column, damaged) =>
        query(`update rollcall_sessions set ${column} = ${value} where session_id = ${id}`, [
          damaged,
          sessionId,
        ]),
      changeKind: (entry, kind) =>
        query(`update rollcall_outbox set kind = ${value} where id = ${id}`, [kind, entry]),
    };
  };
}

function onRedis(client) {
  return async () => {
    const stores = openUnnamedRedis(client);
    return {
      stores,
      damage: async (sessionId, field, damaged) => {
        for (const record of await client.keys(`${rootOf(stores)}session:*`)) {
          if ((await client.hGet(record, "sessionId")) === sessionId) {
            await client.hSet(record, field, damaged);
          }
        }
      },
      changeKind: (entry, kind) =>
        client.hSet(`${rootOf(stores)}notification:${entry}`, "kind", kind),
    };
  };
}

async function withThree(t, open) {
  const { stores, ...damages } = await open(t);
  const notified = [];
  const events = [];
  const sendLogout = ({ sessionId }) => {
    notified.push(sessionId);
    return { delivered: true };
  };
  const host = { ...stores, clients, sendLogout, onEvent: (event) => events.push(event) };
  for (const [index, name] of ["a", "b", "c"].entries()) {
    const members = {
      subjectId: "alice",
      sessionId: name,
      created: 1 + index,
      expires: 10 + index,
    };
    const rest = { attributes: { name }, clients: [{ clientId: "web" }] };
    await host.sessions.create(session(keyOf(name), { ...members, ...rest }));
  }
  const eventsOf = (type) =>
    events.filter((event) => event.type === type).map(({ sessionId, code }) => [sessionId, code]);
  return { ...damages, host, notified, eventsOf };
}

const PASS = {
  processed: 0,
  failed: 0,
  more: false,
  grantsRemoved: 0,
  devicesForgotten: 0,
  pruningFailed: false,
};

const expireAll = (host) =>
  new SessionCoordination(host, {
    expiredSessionsTriggerBackchannelLogout: true,
  }).removeExpiredSessions();

/** The sessions of a page, and the page's flags. */
const shown = ({ results, hasPrevResults, hasNextResults, totalCount }) => [
  results.map(({ sessionId, clientIds, attributes, unreadable }) => [
    sessionId,
    clientIds,
    attributes,
    unreadable,
  ]),
  [hasPrevResults, hasNextResults, totalCount],
];

function testDamage(name, open, { inClients }) {
  describe(`damaged rows on ${name}`, () => {
    for (const damaged of inClients) {
      test(`clients that are \`${damaged}\` don't block a pass or a removal`, async (t) => {
        const { host, damage, notified, eventsOf } = await withThree(t, open);
        await damage("b", "clients", damaged);
        assert.deepEqual(await expireAll(host), { ...PASS, processed: 2, failed: 1 });
        assert.deepEqual(eventsOf("session_removal_failed"), [["b", "store_failed"]]);
        const report = await new SessionManagement(host).removeSessions({ subjectId: "alice" });
        assert.deepEqual([report.sessionsRemoved, report.notes], [1, [NOT_NOTIFIED]]);
        assert.deepEqual(notified.sort(), ["a", "c"]);
      });

      test(`clients that are \`${damaged}\`: the session is listed without them`, async (t) => {
        const { host, damage, eventsOf } = await withThree(t, open);
        await damage("b", "clients", damaged);
        const management = new SessionManagement(host);
        const page = await management.querySessions({ countRequested: 2 });
        const [b, c] = [
          ["b", [], { name: "b" }, ["clientIds"]],
          ["c", ["web"], { name: "c" }, undefined],
        ];
        assert.deepEqual(shown(page), [
          [c, b],
          [false, true, 3],
        ]);
        assert.deepEqual(eventsOf("session_unreadable"), [["b", "store_failed"]]);
        const { resultsToken } = page;
        const next = await management.querySessions({ countRequested: 2, resultsToken });
        assert.deepEqual(shown(next), [
          [["a", ["web"], { name: "a" }, undefined]],
          [true, false, 3],
        ]);
        assert.equal(eventsOf("session_unreadable").length, 1);
      });
    }

    for (const damaged of ["nonsense", '{"a":', '{"a":1}', "[]", "null"]) {
      test(`attributes that are \`${damaged}\`: the session is listed without them`, async (t) => {
        const { host, damage, eventsOf } = await withThree(t, open);
        await damage("b", "attributes", damaged);
        const management = new SessionManagement(host);
        const [rows, flags] = shown(await management.querySessions({ order: "oldest" }));
        assert.deepEqual(rows, [
          ["a", ["web"], { name: "a" }, undefined],
          ["b", ["web"], undefined, ["attributes"]],
          ["c", ["web"], { name: "c" }, undefined],
        ]);
        assert.deepEqual(flags, [false, false, 3]);
        assert.deepEqual(eventsOf("session_unreadable"), [["b", "store_failed"]]);
        const preview = await management.purgeSessions({ filter: { subjectId: "alice" } });
        assert.deepEqual([preview.count, preview.sample.length], [3, 3]);
      });

      test(`attributes that are \`${damaged}\` don't affect a pass or a removal`, async (t) => {
        const { host, damage, notified } = await withThree(t, open);
        await damage("b", "attributes", damaged);
        const management = new SessionManagement(host);
        const report = await management.removeSessions({ sessionId: "b" });
        assert.deepEqual([report.sessionsRemoved, report.notes.includes(NOT_NOTIFIED)], [1, false]);
        assert.deepEqual(await expireAll(host), { ...PASS, processed: 2 });
        assert.deepEqual(notified.sort(), ["a", "b", "c"]);
      });
    }

    test("an entry of a kind of a later version is not claimed", async (t) => {
      const { host, changeKind, notified } = await withThree(t, open);
      await host.outbox.add([
        notification("n1", { sessionId: "later" }),
        notification("n2", { sessionId: "now" }),
      ]);
      await changeKind("n1", "pigeon");
      const [before] = await host.outbox.list({});
      const delivery = new LogoutDelivery(host);
      const pass = await delivery.deliverDue();
      const pruning = { pruned: 0, pruningFailed: false };
      assert.deepEqual(pass, { delivered: 1, failed: 0, rescheduled: 0, more: false, ...pruning });
      assert.deepEqual(notified, ["now"]);
      assert.deepEqual((await host.outbox.list({}))[0], before);
    });
  });
}

const IN_CLIENTS = ["nonsense", '"web"', "[1]", "[[1]]", '{"a":"b"}', "null"];

const mark = () => "?";
testDamage("libSQL", onSql(await engine("libsql"), mark), { inClients: IN_CLIENTS });

const mariadb = await available("damaged rows on MariaDB", startMariadbEngine);
if (mariadb !== undefined) {
  after(() => mariadb.stop());
  testDamage("MariaDB", onSql(mariadb, mark), { inClients: IN_CLIENTS });
}

const postgres = await available("damaged rows on PostgreSQL", startPostgresEngine);
if (postgres !== undefined) {
  after(() => postgres.stop());
  testDamage(
    "PostgreSQL",
    onSql(postgres, (number) => `$${number}`),
    { inClients: [] },
  );
}

const redis = await available("damaged rows on Redis", startRedis);
if (redis !== undefined) {
  const client = await createClient({ url: redis.url }).connect();
  after(async () => {
    await client.close();
    await redis.stop();
  });
  testDamage("Redis", onRedis(client), { inClients: [] });
}
