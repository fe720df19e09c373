// On database servers, too, every statement is an index operation, except the search for a
// substring and the exact count. This is asserted with the plans of the statements that the stores
// run, with so many rows that a scan isn't the cheapest plan anyway.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { migrate } from "../../pkg/sql.js";
import { namedStores } from "./names.mjs";
import { grant, notification, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";

/** The most rows that the stores sort (`sql/session-list.ts`), doubled for the planner's error. */
const FEW = 4_000 * 2;

/** Longer than a list that a statement contains itself. */
const LONG_LIST = Array.from({ length: 30 }, (_, n) => `key ${n}`);

/** A position far inside a list, in the form of `sql/position.ts`: at a creation time. */
const positionAt = (created) => `${created.toString(36)}.1`;
/** A position in the order of expiry. */
const expiryPositionAt = (expires) => `${expires.toString(36)}.${positionAt(1_000)}`;

/** The starts of pages in the order of creation. The creation times are 1,000 to 15,285. */
const STARTS = [
  {},
  { after: positionAt(11_000) },
  { before: positionAt(9_000) },
  { fromEnd: true },
];
/** The same in the order of expiry. The expiry times are 3,001 to 103,000. */
const EXPIRY_STARTS = [
  {},
  { after: expiryPositionAt(60_000) },
  { before: expiryPositionAt(50_000) },
  { fromEnd: true },
];

const LISTING = "rollcall_sessions_listing";
/** The primary key of the clients finds the sessions of a client. */
const CLIENTS_LISTING = /^(PRIMARY|rollcall_session_clients_pkey)$/;
const SESSION_KEY = /^rollcall_sessions_(key|pkey)$/;
const OUTBOX_KEY = /^(PRIMARY|rollcall_outbox_pkey)$/;

/**
 * Filters whose index is in the order of creation, with the index and the columns before the
 * position.
 */
const BY_VALUE = [
  [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject", ["subject_id"]],
  [{ sessionId: { equals: "sid 1" } }, "rollcall_sessions_session", ["session_id"]],
  [{ displayName: { equals: "name 1" } }, "rollcall_sessions_name", ["display_name_folded"]],
  [{ ipAddress: "192.0.2.9" }, "rollcall_sessions_address", ["ip_address"]],
  [{ clientId: "client 2" }, CLIENTS_LISTING, ["client_id"]],
];
/** The same with values that most sessions have. None of the newest sessions has that issuer. */
const BY_COMMON_VALUE = [
  [{ clientId: "client 1" }, CLIENTS_LISTING, ["client_id"]],
  [{ ipAddress: "192.0.2.1" }, "rollcall_sessions_address", ["ip_address"]],
  [{ issuer: "https://id1.example.com" }, "rollcall_sessions_issuer", ["issuer"]],
];

const SUBJECT = { subjectId: { equals: "subject 1" } };
/** Steps, the index that finds their sessions, and the columns by which it's entered. */
const ENDINGS = [
  [{ filter: SUBJECT }, "rollcall_sessions_subject", ["subject_id"]],
  [
    { filter: SUBJECT, after: positionAt(11_000), exceptSessionIds: LONG_LIST },
    "rollcall_sessions_subject",
    ["subject_id", "id"],
  ],
  [{ filter: SUBJECT, order: "expiry" }, "rollcall_sessions_subject", ["subject_id"]],
  [{ filter: { sessionId: { equals: "sid 1" } } }, "rollcall_sessions_session", ["session_id"]],
  [{ keys: LONG_LIST }, SESSION_KEY, ["key"]],
  [{ filter: { expiredAt: 90_000 }, order: "expiry" }, "rollcall_sessions_expiry", ["expires"]],
  [{ filter: { clientId: "client 1" } }, CLIENTS_LISTING, ["client_id"]],
  [
    { filter: { displayName: { startsWith: "name 99" } } },
    "rollcall_sessions_name",
    ["display_name_folded"],
  ],
  [{ filter: { displayName: { contains: "a" } } }, LISTING, []],
  [
    {
      filter: { subjectId: { equals: "subject 5" } },
      surplus: { keep: 100, by: "created", activeAt: 5 },
    },
    "rollcall_sessions_subject",
    ["subject_id"],
  ],
  [
    {
      filter: { subjectId: { equals: "subject 6" } },
      surplus: { keep: 100, by: "renewed", activeAt: 5 },
    },
    "rollcall_sessions_subject",
    ["subject_id"],
  ],
];
const CLIENT = { clientId: "client 1" };
const ISSUER = { issuer: "https://id1.example.com" };

/**
 * The same with further members. The most selective member decides the index, whatever the other
 * members are.
 */
const COMBINED = [
  [{ ...SUBJECT, activeAt: 5 }, "rollcall_sessions_subject", ["subject_id"]],
  [
    { ...SUBJECT, displayName: { contains: "a" }, renewed: { after: 5 } },
    "rollcall_sessions_subject",
    ["subject_id"],
  ],
  [{ ...SUBJECT, displayName: { startsWith: "n" } }, "rollcall_sessions_subject", ["subject_id"]],
  [{ ...SUBJECT, ...CLIENT, ...ISSUER }, "rollcall_sessions_subject", ["subject_id"]],
  [
    { ...SUBJECT, search: { id: "sid 51", name: "name 5" } },
    "rollcall_sessions_subject",
    ["subject_id"],
  ],
  [{ ...SUBJECT, sessionId: { equals: "sid 1" } }, "rollcall_sessions_session", ["session_id"]],
  [{ ipAddress: "192.0.2.1", ...ISSUER }, "rollcall_sessions_address", ["ip_address"]],
  [{ ipAddress: "192.0.2.1", ...CLIENT, ...ISSUER }, "rollcall_sessions_address", ["ip_address"]],
  [{ ...CLIENT, activeAt: 5 }, CLIENTS_LISTING, ["client_id"]],
  [{ ...CLIENT, ...ISSUER }, CLIENTS_LISTING, ["client_id"]],
  [{ ...CLIENT, subjectId: { startsWith: "subject" } }, CLIENTS_LISTING, ["client_id"]],
  [{ ...ISSUER, displayName: { startsWith: "name" } }, "rollcall_sessions_issuer", ["issuer"]],
];

/** Filters without their own index. They walk the listing. */
const WALKS = [
  {},
  { activeAt: 5 },
  { renewed: { after: 5 } },
  { displayName: { contains: "a" } },
  { subjectId: { contains: "5" } },
  { search: { id: "sid 51", name: "name 5" } },
].map((filter) => [filter, LISTING, []]);

/**
 * Filters that are a range of an index in a different order than the list, with few or with many
 * matches.
 */
const FEW_MATCH = [
  [{ subjectId: { startsWith: "subject 49" } }, "rollcall_sessions_subject", ["subject_id"]],
  [{ sessionId: { startsWith: "sid 999" } }, "rollcall_sessions_session", ["session_id"]],
  [{ displayName: { startsWith: "name 99" } }, "rollcall_sessions_name", ["display_name_folded"]],
  [{ issuers: ["none", "neither"] }, "rollcall_sessions_issuer", ["issuer"]],
  [{ expiredAt: 3_500 }, "rollcall_sessions_expiry", ["expires"]],
  [{ expires: { after: 5_000, before: 5_500 } }, "rollcall_sessions_expiry", ["expires"]],
];
const MANY_MATCH = [
  [{ subjectId: { startsWith: "subject" } }, "rollcall_sessions_subject", ["subject_id"]],
  [{ sessionId: { startsWith: "sid" } }, "rollcall_sessions_session", ["session_id"]],
  [{ displayName: { startsWith: "name 9" } }, "rollcall_sessions_name", ["display_name_folded"]],
  [
    { issuers: ["https://id1.example.com", "https://id2.example.com"] },
    "rollcall_sessions_issuer",
    ["issuer"],
  ],
  [{ expiredAt: 900_000 }, "rollcall_sessions_expiry", ["expires"]],
];

/**
 * The columns by which an index is entered, including those of the page's position if it has one.
 */
const entryOf = (columns, { after, before }) => {
  return after === undefined && before === undefined ? columns : [...columns, "id"];
};

/**
 * One step of a plan.
 *
 * @typedef {object} PlanStep
 * @property {string} shown
 * @property {boolean} [scans] whether it reads a whole table of the stores
 * @property {string} [index] the index that it uses
 * @property {string[]} [entered] the columns by which it enters that index; none if it walks the
 *   whole index
 * @property {number} [reads] the number of rows that it read, if the statement only reads
 * @property {number} [sorts] the number of rows that it sorts
 */

/**
 * Explains a statement on a separate connection.
 *
 * @typedef {(database: import("./engines.mjs").Database, sql: string, parameters: unknown[]) =>
 *   Promise<PlanStep[]>} Explain
 */

/**
 * @param {import("./engines.mjs").Engine & { stop: () => Promise<void> }} engine
 * @param {object} ways
 * @param {(rows: number) => string[]} ways.fills statements that fill the tables
 * @param {Explain} ways.explain
 * @param {Explain} [ways.explainPrepared] if statements are prepared under a name: the plan that is
 *   made without their values
 * @param {string[]} ways.deviceEntry the columns by which the index of the devices is entered
 * @param {[filter: object, index: string, columns: string[]][]} [ways.outboxLists] lists of
 *   notifications, each a walk along one index
 * @param {(tools: object) => void} [ways.more] declares tests of this engine only
 */
export function testServerPlans(
  engine,
  { fills, explain, explainPrepared, deviceEntry, outboxLists = [], more = () => {} },
) {
  describe(`query plans on ${engine.name}`, () => {
    const statements = [];
    const databases = [];
    let kysely;
    let other;
    const query = (statement) => other.query(statement);

    before(async () => {
      const place = await engine.place();
      databases.push(
        engine.open(place, { log: ({ query }) => statements.push(query) }),
        engine.open(place),
      );
      [{ kysely }, other] = databases;
      await migrate(kysely, engine.options);
      for (const fill of fills(100_000)) await query(fill);
    });
    after(async () => {
      for (const { kysely } of databases) await kysely.destroy();
      await engine.stop();
    });

    /** Runs `work`, and returns the plans of its statements. */
    async function plansBy(explain, work) {
      statements.length = 0;
      await work(namedStores(kysely, engine.options));
      const plans = [];
      for (const { sql, parameters } of [...statements]) {
        if (/^\s*(begin|start|set|commit|rollback)/i.test(sql)) continue;
        plans.push({ sql, steps: await explain(other, sql, [...parameters]) });
      }
      assert.ok(plans.length > 0);
      return plans;
    }

    const plansOf = (work) => plansBy(explain, work);
    testSessionPlans(plansOf);
    const plansOfPrepared = explainPrepared && ((work) => plansBy(explainPrepared, work));
    if (plansOfPrepared !== undefined) {
      describe("prepared statements are planned without their values", () =>
        testSessionPlans(plansOfPrepared));
    }

    test("a grant is found by its key and a notification by its id", async () => {
      // The explanation of the second call sees the state before the first one. MariaDB has no plan
      // for a row that it doesn't find.
      const retryAndFail = async ({ outbox }) => {
        await outbox.retry("sid 50", 5);
        await outbox.settle("sid 50", { state: "failed", error: "gone" }, 5);
      };
      for (const [work, index, entry] of [
        [({ grants }) => grants.get("grant of sid 1"), /^(PRIMARY|rollcall_grants_pkey)$/, ["key"]],
        [retryAndFail, OUTBOX_KEY, ["id"]],
      ]) {
        for (const plan of await plansOf(work))
          assertIndexed([plan], index, work.toString(), { entry, sorts: true });
      }
      for (const work of [
        ({ grants }) => grants.store(grant("new")),
        ({ outbox }) => outbox.add([notification("new")]),
      ]) {
        assertIndexed(await plansOf(work), undefined, work.toString(), { sorts: true });
      }
    });

    test("grants are found by the most selective index", async () => {
      for (const [filter, index, entry] of [
        [{ subjectId: "subject 1" }, "rollcall_grants_subject", ["subject_id"]],
        [{ subjectId: "subject 2", types: ["type 1"] }, "rollcall_grants_subject", ["subject_id"]],
        [{ sessionId: "sid 1" }, "rollcall_grants_session", ["session_id"]],
        [
          { subjectId: "subject 2", sessionId: "sid 2", clientIds: LONG_LIST },
          "rollcall_grants_session",
          ["session_id"],
        ],
        [{ clientIds: ["client 1", "client 2"] }, "rollcall_grants_client", ["client_id"]],
        [
          { clientIds: ["client 1"], types: ["type 1"] },
          "rollcall_grants_client",
          ["client_id", "type"],
        ],
        [{ types: ["type 3"] }, "rollcall_grants_type", ["type"]],
      ]) {
        for (const method of ["list", "count", "remove"]) {
          for (const plan of await plansOf(({ grants }) => grants[method](filter))) {
            assertIndexed([plan], index, { method, filter }, { entry, sorts: true });
          }
        }
      }
    });

    test("notifications are found by the most selective index, in the order of their ids", async () => {
      const ofIssuers = { issuers: ["https://id1.example.com", "https://id2.example.com"] };
      const walks = [{}, ofIssuers].map((filter) => [filter, OUTBOX_KEY, []]);
      for (const [filter, index, columns] of [...outboxLists, ...walks]) {
        for (const after of [undefined, "sid 5"]) {
          const entry = after === undefined ? columns : [...columns, "id"];
          const plans = await plansOf(({ outbox }) => outbox.list(filter, after, 10));
          assertIndexed(plans, index, { filter, after }, { entry, walks: entry.length === 0 });
        }
      }
      const one = { id: "sid 50" };
      const found = await plansOf(({ outbox }) => outbox.list(one, undefined, 1));
      assertIndexed(found, OUTBOX_KEY, one, { entry: ["id"] });
      const plans = await plansOf(({ outbox }) =>
        outbox.claim({ now: 1_500, limit: 10, leaseFor: 10 }),
      );
      // On PostgreSQL a claim starts with a queue, which is read from its beginning.
      const isQueue = ({ sql }) => sql.includes("rollcall_ended_sessions");
      const [due, ...lease] = plans.filter((plan) => !isQueue(plan));
      assertIndexed([due], "rollcall_outbox_due", "due", { entry: ["due"], reads: 10 });
      for (const plan of lease)
        assertIndexed([plan], OUTBOX_KEY, "lease", { entry: ["id"], sorts: true });
    });

    const testPruning = (plansOf) => {
      test("entries to prune are found by an index, and no others are read", async () => {
        for (const [work, index, entry, reads] of [
          [
            ({ outbox }) => outbox.prune({ delivered: 2_000, failed: 2_000 }, 10),
            "rollcall_outbox_settled",
            ["state", "settled"],
            10,
          ],
          [
            ({ grants }) => grants.removeExpired(2_000, 10),
            "rollcall_grants_expiry",
            ["expires"],
            10,
          ],
          [
            ({ sessions }) => sessions.forgetDevices(5_000, 10),
            "rollcall_sessions_devices",
            deviceEntry,
            10,
          ],
        ]) {
          const [found, ...changed] = await plansOf(work);
          assertIndexed([found], index, work.toString(), { entry, reads, sorts: true });
          for (const plan of changed) {
            assertIndexed([plan], undefined, work.toString(), { sorts: true });
          }
        }
      });
    };
    testPruning(plansOf);
    if (plansOfPrepared !== undefined) {
      describe("prepared statements that prune", () => testPruning(plansOfPrepared));
    }

    const testEndings = (plansOf) => {
      test("every statement of a step that ends sessions uses an index", async () => {
        for (const [members, index, entry] of ENDINGS) {
          const ending = step({
            limit: 50,
            ...members,
            revoke: {
              matching: [{ subjectId: "subject 3" }, { sessionId: "sid 3", clientIds: LONG_LIST }],
              ofSessions: { types: LONG_LIST, exceptClientIds: ["client 3"], ofParticipants: true },
            },
            notify: notices({
              clients: [notified("client 1", "subject"), notified("client 2", "session")],
            }),
          });
          for (const work of [
            ({ atomic }) => atomic.clientsOf(ending),
            ({ atomic }) => atomic.endSessions(ending),
          ]) {
            // `explain` doesn't run the ending: the sessions remain for the next one.
            const asked = { entry, sorts: true, walks: index === LISTING };
            assertIndexed(await plansOf(work), index, members, asked);
          }
        }
      });

      test("an admission counts the sessions of a subject by an index", async () => {
        const row = session(`new ${randomUUID()}`.slice(0, 30), {
          subjectId: "subject 4",
          clients: [{ clientId: "shop" }],
        });
        const asked = { entry: ["subject_id"], sorts: true };
        assertIndexed(
          await plansOf(({ atomic }) => atomic.admit(row, 10_000, 5)),
          "rollcall_sessions_subject",
          "admit",
          asked,
        );
      });
    };
    testEndings(plansOf);
    if (plansOfPrepared !== undefined) {
      describe("prepared statements of endings", () => testEndings(plansOfPrepared));
    }

    more({ plansOf, plansOfPrepared, assertIndexed, run: (statement) => query(statement) });
  });
}

/** Declares the tests of the statements that read and change sessions. */
function testSessionPlans(/** @type {(work: Function) => Promise<object[]>} */ plansOf) {
  const plansOfPage = (request) => plansOf(({ sessions }) => sessions.list(request));

  test("a page with an index starts at its position and reads in order", async () => {
    for (const [filter, index, columns] of [
      ...BY_VALUE,
      ...BY_COMMON_VALUE,
      ...COMBINED,
      ...WALKS,
    ]) {
      for (const order of ["newest", "oldest"]) {
        for (const from of STARTS) {
          const request = { filter, order, limit: 25, ...from };
          const entry = entryOf(columns, from);
          assertIndexed(await plansOfPage(request), index, request, {
            entry,
            walks: entry.length === 0,
          });
        }
      }
    }
  });

  test("a page reads no more rows than it has, unless the filter skips some", async () => {
    for (const [filter, index] of [...BY_VALUE, ...BY_COMMON_VALUE, [{}, LISTING]]) {
      for (const order of ["newest", "oldest"]) {
        for (const from of STARTS) {
          const request = { filter, order, limit: 25, ...from };
          assertIndexed(await plansOfPage(request), index, request, {
            reads: 25,
            walks: index === LISTING,
          });
        }
      }
    }
  });

  test("a range of creation and a position bound the walk on both sides", async () => {
    for (const [others, index, columns] of [
      [{}, LISTING, []],
      [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject", ["subject_id"]],
      [{ clientId: "client 1" }, CLIENTS_LISTING, ["client_id"]],
    ]) {
      const created = [...columns, "id"];
      // There are fewer than 25 rows between those positions and the end of the range. A walk
      // without that bound would read more.
      for (const [order, from, entry] of [
        ["newest", {}, created],
        ["oldest", { fromEnd: true }, created],
        ["newest", { after: positionAt(5_001) }, entryOf(columns, { after: "" })],
        ["oldest", { after: positionAt(8_998) }, entryOf(columns, { after: "" })],
        ["newest", { before: positionAt(8_998) }, entryOf(columns, { before: "" })],
        ["oldest", { before: positionAt(5_001) }, entryOf(columns, { before: "" })],
        // The bound of the range is tighter than the position.
        ["newest", { after: positionAt(12_000) }, created],
        ["oldest", { before: positionAt(12_000) }, created],
      ]) {
        const request = {
          filter: { ...others, created: { after: 5_000, before: 9_000 } },
          order,
          limit: 25,
          ...from,
        };
        assertIndexed(await plansOfPage(request), index, request, { entry, reads: 25 });
      }
    }
  });

  test("a page in the order of expiry starts at its position and reads in order", async () => {
    for (const [filter, columns] of [
      [{}, []],
      [{ clientId: "client 1" }, []],
      [{ issuer: "https://id1.example.com" }, []],
      [{ displayName: { contains: "a" } }, []],
      [{ subjectId: { startsWith: "subject 4" } }, []],
      [{ sessionId: { startsWith: "sid 9" } }, []],
      [{ displayName: { startsWith: "name 9" } }, []],
      [{ created: { after: 5_000 } }, []],
      [{ expiredAt: 80_000 }, ["expires"]],
      [{ expires: { after: 20_000, before: 80_000 } }, ["expires"]],
    ]) {
      for (const from of EXPIRY_STARTS) {
        const request = { filter, order: "expiry", limit: 25, ...from };
        const isInside = from.after !== undefined || from.before !== undefined;
        // Without any bound, the index of sessions that expire is walked from its end.
        const entry = isInside
          ? { entry: ["expires", "id"] }
          : columns.length > 0
            ? { entry: columns }
            : { walks: true };
        assertIndexed(await plansOfPage(request), "rollcall_sessions_expiry", request, entry);
      }
    }
  });

  test("the few sessions of a subject, session id, name or address are sorted by expiry", async () => {
    for (const [filter, index, entry] of [
      [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject", ["subject_id"]],
      [
        { sessionId: { equals: "sid 1" }, expiredAt: 5_000 },
        "rollcall_sessions_session",
        ["session_id"],
      ],
      [
        { displayName: { equals: "name 1" }, activeAt: 5 },
        "rollcall_sessions_name",
        ["display_name_folded"],
      ],
      [
        { ipAddress: "192.0.2.9", clientId: "client 1" },
        "rollcall_sessions_address",
        ["ip_address"],
      ],
    ]) {
      for (const from of EXPIRY_STARTS) {
        const request = { filter, order: "expiry", limit: 25, ...from };
        assertIndexed(await plansOfPage(request), index, request, { entry, sorts: true });
      }
    }
  });

  test("a range with few matches is sorted, and one with many is found by a walk", async () => {
    for (const [filter, index, columns] of FEW_MATCH) {
      for (const from of STARTS) {
        const request = { filter, order: "newest", limit: 25, ...from };
        for (const plan of await plansOfPage(request)) {
          assertIndexed([plan], index, request, { entry: columns, sorts: true });
        }
      }
    }
    for (const [filter, index, columns] of MANY_MATCH) {
      for (const from of STARTS) {
        const request = { filter, order: "newest", limit: 25, ...from };
        const [probe, ...page] = await plansOfPage(request);
        assertIndexed([probe], index, request, { entry: columns, reads: 4_001 });
        const entry = entryOf([], from);
        assertIndexed(page, LISTING, request, { entry, walks: entry.length === 0 });
      }
    }
  });

  test("a count reads a part of an index", async () => {
    const counts = [
      ...BY_VALUE,
      ...FEW_MATCH,
      [{ created: { after: 5_000, before: 9_000 } }, LISTING, ["id"]],
      [{ clientId: "client 2", created: { after: 5_000 } }, CLIENTS_LISTING, ["client_id", "id"]],
    ];
    for (const [filter, index, entry] of counts) {
      for (const upTo of [undefined, 10_000]) {
        assertIndexed(
          await plansOf(({ sessions }) => sessions.count(filter, upTo)),
          index,
          { filter, upTo },
          { entry },
        );
      }
    }
  });

  test("a session is found by its key", async () => {
    for (const work of [
      ({ sessions }) => sessions.get("key 1"),
      ({ sessions }) => sessions.update("key 1", { renewed: 5 }),
      ({ sessions }) => sessions.update("key 1", {}),
      ({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }, 5),
      ({ sessions }) => sessions.remove(["none 1", "none 2"]),
      ({ sessions }) => sessions.remove(LONG_LIST.map((key) => `no ${key}`)),
    ]) {
      const [found, ...locked] = await plansOf(work);
      assertIndexed([found], SESSION_KEY, work.toString(), { entry: ["key"], sorts: true });
      // On MariaDB the row is then locked by its id.
      assertIndexed(locked, undefined, work.toString(), { sorts: true });
    }
    const create = ({ sessions }) =>
      sessions.create(
        session(`new ${randomUUID()}`.slice(0, 30), { clients: [{ clientId: "shop" }] }),
      );
    assertIndexed(await plansOf(create), undefined, create.toString(), { sorts: true });
  });
}

/**
 * Asserts that no table is read completely, only short lists are sorted, every index is entered,
 * and the given index is used.
 *
 * @param {{ sql: string, steps: PlanStep[] }[]} plans
 * @param {string | RegExp | undefined} index its name
 * @param {unknown} message
 * @param {object} [asked]
 * @param {string[]} [asked.entry] the columns by which it is entered
 * @param {number} [asked.reads] the most rows that may be read there
 * @param {boolean} [asked.walks] whether an index may be walked from its end
 * @param {boolean} [asked.sorts] whether a short list may be sorted
 */
function assertIndexed(
  plans,
  index,
  message,
  { entry, reads = Number.POSITIVE_INFINITY, walks = false, sorts = false } = {},
) {
  const text = () =>
    plans.flatMap(({ sql, steps }) => [sql, ...steps.map(({ shown }) => `  ${shown}`)]).join("\n");
  const shown = () => `${JSON.stringify(message)}\n${text()}`;
  const steps = plans.flatMap(({ steps }) => steps);
  assert.ok(!steps.some(({ scans }) => scans), `reads a whole table: ${shown()}`);
  assert.ok(
    !steps.some(({ sorts: rows }) => rows !== undefined && (!sorts || rows > FEW)),
    `sorts: ${shown()}`,
  );
  assert.ok(
    walks || !steps.some(({ entered }) => entered?.length === 0),
    `walks along a whole index: ${shown()}`,
  );
  if (index === undefined) return;

  const isMeant = (name) => (index instanceof RegExp ? index.test(name) : name === index);
  const meant = steps.filter(({ index }) => index !== undefined && isMeant(index));
  assert.ok(meant.length > 0, `should use ${index}: ${shown()}`);
  const isEntered = ({ entered }) => entry === undefined || entered.join() === entry.join();
  assert.ok(meant.some(isEntered), `should enter ${index} by ${entry}: ${shown()}`);
  for (const step of meant)
    assert.ok(!(step.reads > reads), `reads ${step.reads} rows and not ${reads}: ${shown()}`);
}
