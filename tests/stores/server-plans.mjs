// On database servers, too, every statement but the search for a substring and the exact count is an index operation: asserted from the
// plans of the statements that the stores really run, among so many rows that a scan would not be the cheapest by itself.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { grant, notification, session } from "./samples.mjs";

/** What the stores sort at most (`sql/session-list.ts`), and the planner's error in that. */
const FEW = 4_000 * 2;

/** Longer than what stands in a statement by itself. */
const LONG_LIST = Array.from({ length: 30 }, (_, n) => `key ${n}`);

/** Places far inside the list. */
const [AFTER, BEFORE] = ["8x0.1", "7ps.1"];

/** Filters whose index is in the order of creation. */
const IN_ORDER = [
  [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject"],
  [{ subjectId: { equals: "subject 1" }, activeAt: 5 }, "rollcall_sessions_subject"],
  [{ subjectId: { equals: "subject 1" }, displayName: { contains: "a" }, renewed: { after: 5 } }, "rollcall_sessions_subject"],
  [{ sessionId: { equals: "sid 1" } }, "rollcall_sessions_session"],
  [{ displayName: { equals: "name 1" } }, "rollcall_sessions_name"],
  [{ ipAddress: "192.0.2.1" }, "rollcall_sessions_address"],
  [{ issuer: "https://id1.example.com" }, "rollcall_sessions_"],
  [{ clientId: "client 1" }, "rollcall_session_clients_listing"],
  [{ clientId: "client 1", activeAt: 5 }, "rollcall_session_clients_listing"],
  [{}, "rollcall_sessions_listing"],
  [{ created: { after: 5_000, before: 9_000 } }, "rollcall_sessions_listing"],
  [{ activeAt: 5 }, "rollcall_sessions_listing"],
  [{ renewed: { after: 5 } }, "rollcall_sessions_listing"],
];

/** Filters that are a range of an index in another order than the list's, with few matches and with many. */
const RANGES = [
  [{ subjectId: { startsWith: "subject 49" } }, "rollcall_sessions_subject"],
  [{ sessionId: { startsWith: "sid 999" } }, "rollcall_sessions_session"],
  [{ displayName: { startsWith: "name 99" } }, "rollcall_sessions_name"],
  [{ expiredAt: 3_500 }, "rollcall_sessions_expiry"],
  [{ expires: { after: 5_000, before: 5_500 } }, "rollcall_sessions_expiry"],
  [{ sessionId: { startsWith: "sid" } }, "rollcall_sessions_listing"],
  [{ expiredAt: 900_000 }, "rollcall_sessions_listing"],
];

/**
 * One step of a plan.
 *
 * @typedef {object} PlanStep
 * @property {string} shown
 * @property {boolean} [scans] whether it reads a whole table of ours
 * @property {string} [index] that it uses
 * @property {number} [sorts] how many rows it sorts
 * @property {boolean} [isDone] whether the planner has found already that there is no such row
 */

/**
 * @param {import("./engines.mjs").Engine & { stop: () => Promise<void> }} engine
 * @param {object} ways
 * @param {(rows: number) => string[]} ways.fills statements that fill the tables
 * @param {(query: Function, sql: string, parameters: unknown[]) => Promise<PlanStep[]>} ways.explain
 * @param {(tools: object) => void} [ways.more] declares tests of this engine only
 */
export function testServerPlans(engine, { fills, explain, more = () => {} }) {
  describe(`query plans on ${engine.name}`, () => {
    const statements = [];
    const databases = [];
    let kysely;
    let query;

    before(async () => {
      const place = await engine.place();
      databases.push(engine.open(place, { log: ({ query }) => statements.push(query) }), engine.open(place));
      [{ kysely }, { query }] = databases;
      await migrate(kysely, engine.options);
      for (const fill of fills(100_000)) await query(fill);
    });
    after(async () => {
      for (const { kysely } of databases) await kysely.destroy();
      await engine.stop();
    });

    /** The plans of the statements that `work` runs. */
    async function plansOf(work) {
      statements.length = 0;
      await work(sqlStores(kysely, engine.options));
      const plans = [];
      for (const { sql, parameters } of [...statements]) {
        if (/^\s*(begin|start|set|commit|rollback)/i.test(sql)) continue;
        plans.push({ sql, steps: await explain(query, sql, [...parameters]) });
      }
      assert.ok(plans.length > 0);
      return plans;
    }

    test("a page by an index is a walk along it, wherever it begins", async () => {
      for (const [filter, index] of IN_ORDER) {
        for (const order of ["newest", "oldest"]) {
          for (const from of [{}, { after: AFTER }, { before: BEFORE }, { fromEnd: true }]) {
            const request = { filter, order, limit: 25, ...from };
            assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), index, request);
          }
        }
      }
    });

    test("the order of expiry is a walk along its index", async () => {
      for (const filter of [{}, { expiredAt: 4_000 }, { clientId: "client 1" }, { issuer: "https://id1.example.com" }]) {
        for (const from of [{}, { after: "2s0.1" }]) {
          const request = { filter, order: "expiry", limit: 25, ...from };
          assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), "rollcall_sessions_expiry", request);
        }
      }
    });

    test("what is sorted is short: the sessions of a subject, or the matches of a range that are few", async () => {
      const ofSubject = { filter: { subjectId: { equals: "subject 1" } }, order: "expiry", limit: 25 };
      const plans = await plansOf(({ sessions }) => sessions.list(ofSubject));
      assertIndexed(plans, "rollcall_sessions_subject", ofSubject, { sorts: true });
      for (const [filter, index] of RANGES) {
        const request = { filter, order: "newest", limit: 25 };
        assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), index, request, { sorts: true });
      }
    });

    test("a count by an index reads no table", async () => {
      for (const [filter, index] of [...IN_ORDER.filter(([, index]) => !index.includes("listing")), ...RANGES.slice(0, 5)]) {
        assertIndexed(await plansOf(({ sessions }) => sessions.count(filter)), index, filter);
      }
    });

    test("what is named by its key or id is found by it", async () => {
      for (const [work, index] of [
        [({ sessions }) => sessions.get("key 1"), /^rollcall_sessions_key/],
        [({ sessions }) => sessions.update("key 1", { renewed: 5 }), /^rollcall_sessions_key/],
        [({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }), /^rollcall_sessions_key/],
        [({ sessions }) => sessions.remove(["none 1", "none 2"]), /^rollcall_sessions_key/],
        [({ sessions }) => sessions.remove(LONG_LIST.map((key) => `no ${key}`)), /^rollcall_sessions_key/],
        [({ grants }) => grants.get("a"), /^(PRIMARY|rollcall_grants_pkey)/],
        [({ outbox }) => outbox.retry("key 50", 5), /^(PRIMARY|rollcall_outbox_)/],
        [({ outbox }) => outbox.settle("key 1", { state: "failed", error: "gone" }), /^(PRIMARY|rollcall_outbox_)/],
      ]) {
        assertIndexed(await plansOf(work), index, work.toString(), { sorts: true });
      }
      for (const work of [
        ({ sessions }) => sessions.create(session("new", { clients: [{ clientId: "shop" }] })),
        ({ grants }) => grants.store(grant("new")),
        ({ outbox }) => outbox.add([notification("new")]),
      ]) {
        assertIndexed(await plansOf(work), undefined, work.toString(), { sorts: true });
      }
    });

    test("grants and notifications are found by the index of what is asked for", async () => {
      for (const [filter, index] of [
        [{ subjectId: "subject 1" }, "rollcall_grants_subject"],
        [{ subjectId: "subject 2", types: ["type 1"] }, "rollcall_grants_"],
        [{ sessionId: "sid 1" }, "rollcall_grants_session"],
        [{ sessionId: "sid 2", clientIds: LONG_LIST }, "rollcall_grants_session"],
        [{ clientIds: ["client 1", "client 2"] }, "rollcall_grants_client"],
        [{ types: ["type 3"] }, "rollcall_grants_type"],
      ]) {
        for (const method of ["list", "count", "remove"]) {
          assertIndexed(await plansOf(({ grants }) => grants[method](filter)), index, { method, filter }, { sorts: true });
        }
      }
      for (const [filter, index] of [
        [{ state: "failed" }, "rollcall_outbox_"],
        [{ clientId: "client 1" }, "rollcall_outbox_client"],
        [{ subjectId: "subject 1" }, "rollcall_outbox_subject"],
        [{ sessionId: "sid 1" }, "rollcall_outbox_session"],
        [{}, /^(PRIMARY|rollcall_outbox_pkey)/],
      ]) {
        for (const after of [undefined, "key 5"]) {
          assertIndexed(await plansOf(({ outbox }) => outbox.list(filter, after, 10)), index, { filter, after });
        }
      }
      const [due, ...lease] = await plansOf(({ outbox }) => outbox.claim({ now: 1_500, limit: 10, leaseFor: 10 }));
      assertIndexed([due], "rollcall_outbox_due", "due");
      assertIndexed(lease, /^(PRIMARY|rollcall_outbox_pkey)/, "lease", { sorts: true });
    });

    test("every statement of an atomic removal uses an index", async () => {
      const plans = await plansOf(({ atomic }) =>
        atomic({
          sessionKeys: ["key 1", ...LONG_LIST],
          grants: [{ subjectId: "subject 3" }, { sessionId: "sid 3", clientIds: ["client 3"] }],
          notifications: [
            { sessionKeys: ["key 1", ...LONG_LIST], entry: notification("x") },
            { sessionKeys: [], entry: notification("y") },
          ],
        }),
      );
      assert.ok(plans.length >= 6);
      assertIndexed(plans, undefined, "atomic", { sorts: true });
    });

    more({ plansOf, assertIndexed, run: (statement) => query(statement) });
  });
}

/** No table is read whole, nothing long is sorted, and the index is used: its name, or how that begins. */
function assertIndexed(plans, index, message, { sorts = false } = {}) {
  const text = () => plans.flatMap(({ sql, steps }) => [sql, ...steps.map(({ shown }) => `  ${shown}`)]).join("\n");
  const shown = () => `${JSON.stringify(message)}\n${text()}`;
  const steps = plans.flatMap(({ steps }) => steps);
  assert.ok(!steps.some(({ scans }) => scans), `reads a whole table: ${shown()}`);
  assert.ok(!steps.some(({ sorts: rows }) => rows !== undefined && (!sorts || rows > FEW)), `sorts: ${shown()}`);
  const isMeant = (name) => (index instanceof RegExp ? index.test(name) : name.startsWith(index));
  const isUsed = index === undefined || steps.some(({ index, isDone }) => isDone || (index !== undefined && isMeant(index)));
  assert.ok(isUsed, `should use ${index}: ${shown()}`);
}
