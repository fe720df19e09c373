// Every statement is an index operation. This is asserted with the plans of the statements that the
// stores run.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";
import { grant, notification, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";
import { openAt, openStores } from "./support.mjs";

// More than the store sorts (`FEW` in `sql/session-list.ts`). Most values repeat, but none is in
// every row, because then reading the whole table would be the right plan.
const MANY = 5_000;

const FILL = `
  with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${MANY})
  insert into rollcall_sessions (id, key, scheme, subject_id, session_id, display_name_folded, issuer, renewed, expires, ip_address, clients)
  select ${rowIdAt("1000 + n / 7", "n")}, ${KEY_OF_NAME.sqlite("'key ' || n")}, 'default', 'subject ' || (n % 50), 'sid ' || n, 'name ' || n,
    'https://id' || (n % 5) || '.example.com', 1000 + n, 3000 + n, '192.0.2.' || (n % 100), '[["client ' || (n % 20) || '",null]]'
  from numbers`;
const FILL_CLIENTS = `
  insert into rollcall_session_clients (client_id, id) select clients ->> '$[0][0]', id from rollcall_sessions`;
const FILL_GRANTS = `
  insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, expires, data)
  select 'grant of ' || session_id, 'type ' || (renewed % 6), subject_id, session_id, 'client ' || (renewed % 20), id >> 20, 9000 + renewed, '' from rollcall_sessions`;
const FILL_OUTBOX = `
  insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select session_id, 'logout', 'client ' || (renewed % 20), subject_id, session_id, 'terminated', id >> 20, 'pending', 0, id >> 20 from rollcall_sessions`;

/** Longer than a list that a statement contains itself. */
const LONG_LIST = Array.from({ length: 30 }, (_, n) => `client ${n}`);

const listing = (terms) => `rollcall_sessions_listing${terms}`;

/**
 * A position in the form of `sql/position.ts`: created at 1,000 as the tenth, and with that expiry.
 */
const POSITION = "rs.a";
const positionIn = (order) => (order === "expiry" ? `rs.${POSITION}` : POSITION);
const idAt = (created, number = 0) => `${(BigInt(created) << 20n) | BigInt(number)}`;

/** The ways to start a page, and the condition that each adds to the index of an order. */
const STARTS = [
  { name: "the first page", from: () => ({}) },
  {
    name: "the page after",
    from: (order) => ({ after: positionIn(order) }),
    side: { newest: "<", oldest: ">", expiry: ">" },
  },
  {
    name: "the page before",
    from: (order) => ({ before: positionIn(order) }),
    side: { newest: ">", oldest: "<", expiry: "<" },
  },
  { name: "the last page", from: () => ({ fromEnd: true }) },
];

/** The clients are stored in the order of their key, without a separate index. */
const CLIENTS = "c USING PRIMARY KEY";

/**
 * Filters whose index is in the order of creation, with the index and the terms before the
 * position.
 */
const IN_ORDER = {
  rollcall_sessions_subject: {
    "subject_id=?": [
      { subjectId: { equals: "subject 1" } },
      { subjectId: { equals: "subject 1" }, activeAt: 5 },
      {
        subjectId: { equals: "subject 1" },
        expiredAt: 5,
        displayName: { contains: "a" },
        renewed: { after: 5 },
      },
      { subjectId: { equals: "subject 1" }, clientId: "shop", issuer: "https://id1.example.com" },
      {
        subjectId: { equals: "subject 1" },
        sessionId: { startsWith: "sid" },
        displayName: { startsWith: "n" },
      },
      { subjectId: { equals: "subject 1" }, search: { id: "a", name: "a" } },
      {
        subjectId: { equals: "subject 1" },
        displayName: { equals: "name 1" },
        ipAddress: "192.0.2.1",
      },
    ],
  },
  rollcall_sessions_session: {
    "session_id=?": [
      { sessionId: { equals: "sid 1" } },
      {
        sessionId: { equals: "sid 1" },
        subjectId: { equals: "subject 1" },
        issuer: "https://id1.example.com",
      },
      { sessionId: { equals: "sid 1" }, expires: { after: 1, before: 5 } },
    ],
  },
  rollcall_sessions_name: {
    "display_name_folded=?": [
      { displayName: { equals: "name 1" } },
      { displayName: { equals: "name 1" }, clientId: "shop", activeAt: 5 },
    ],
  },
  rollcall_sessions_address: {
    "ip_address=?": [
      { ipAddress: "192.0.2.1" },
      { ipAddress: "192.0.2.1", issuer: "https://id1.example.com", clientId: "shop" },
    ],
  },
  rollcall_sessions_issuer: {
    "issuer=?": [
      { issuer: "https://id1.example.com" },
      { issuer: "https://id1.example.com", displayName: { contains: "a" } },
    ],
  },
  [CLIENTS]: {
    "client_id=?": [
      { clientId: "shop" },
      { clientId: "shop", activeAt: 5, issuer: "https://id1.example.com" },
      { clientId: "shop", displayName: { contains: "a" } },
      { clientId: "shop", subjectId: { startsWith: "subject" } },
    ],
  },
};

/** Filters without their own index. They walk the listing and test the columns that it contains. */
const WALKS = [
  {},
  { activeAt: 5 },
  { renewed: { after: 5 } },
  { displayName: { contains: "a" } },
  { subjectId: { contains: "a" } },
  { search: { id: "a", name: "a" } },
  { search: { id: "a", name: "a" }, activeAt: 5 },
];

/** Filters that are a range of an index in a different order than the list. */
const RANGES = [
  [
    { subjectId: { startsWith: "subject" } },
    "rollcall_sessions_subject (subject_id>? AND subject_id<?)",
  ],
  [
    { sessionId: { startsWith: "sid" } },
    "rollcall_sessions_session (session_id>? AND session_id<?)",
  ],
  [
    { displayName: { startsWith: "name" } },
    "rollcall_sessions_name (display_name_folded>? AND display_name_folded<?)",
  ],
  [
    { issuers: [0, 1, 2, 3, 4].map((n) => `https://id${n}.example.com`) },
    "rollcall_sessions_issuer (issuer=?)",
  ],
  [{ expiredAt: 50_000 }, "rollcall_sessions_expiry (expires<?)"],
  [{ expires: { after: 5, before: 50_000 } }, "rollcall_sessions_expiry (expires>? AND expires<?)"],
  [{ expiredAt: 50_000, activeAt: 10 }, "rollcall_sessions_expiry (expires>? AND expires<?)"],
  [
    { subjectId: { startsWith: "subject" }, created: { after: 5 } },
    "rollcall_sessions_subject (subject_id>? AND subject_id<?)",
  ],
];

const SUBJECT = { subjectId: { equals: "subject 1" } };
const SURPLUS = { keep: 3, activeAt: 5 };

/** Steps, the index that finds their sessions, and whether these are sorted. */
const ENDINGS = [
  [{ filter: SUBJECT }, "rollcall_sessions_subject (subject_id=?)", false],
  [
    { filter: SUBJECT, after: POSITION, exceptSessionIds: LONG_LIST },
    "rollcall_sessions_subject (subject_id=? AND rowid>?)",
    false,
  ],
  [{ filter: SUBJECT, order: "expiry" }, "rollcall_sessions_subject (subject_id=?)", true],
  [
    { filter: { sessionId: { equals: "sid 2" } } },
    "rollcall_sessions_session (session_id=?)",
    false,
  ],
  [{ keys: ["key 1", ...LONG_LIST] }, "rollcall_sessions_key (key=?)", true],
  [
    { filter: { expiredAt: 3_500 }, order: "expiry" },
    "rollcall_sessions_expiry (expires>? AND expires<?)",
    false,
  ],
  [{ filter: { clientId: "client 1" } }, `${CLIENTS} (client_id=?)`, true],
  [
    { filter: { displayName: { startsWith: "name 99" } } },
    "rollcall_sessions_name (display_name_folded>? AND display_name_folded<?)",
    true,
  ],
  [{ filter: { displayName: { contains: "a" } } }, "rollcall_sessions_listing", false],
  [
    { filter: SUBJECT, surplus: { ...SURPLUS, by: "created" } },
    "rollcall_sessions_subject (subject_id=?)",
    false,
  ],
  [
    { filter: SUBJECT, surplus: { ...SURPLUS, by: "renewed" } },
    "rollcall_sessions_subject (subject_id=?)",
    true,
  ],
];

/**
 * Whether the listing index contains all columns of a count. Any index serves a count of other
 * columns or of none.
 */
const isWithoutId = (filter) => Object.keys(filter).length > 0 && filter.subjectId === undefined;

export function testQueryPlans(engine) {
  for (const [size, fills] of [
    ["an empty database", []],
    [`${MANY} sessions and statistics`, [FILL, FILL_CLIENTS, FILL_GRANTS, FILL_OUTBOX, "analyze"]],
  ]) {
    const isEmpty = fills.length === 0;

    /** Opens stores, and returns a function that explains the statements that `work` runs. */
    const explainer = async (t) => {
      const statements = [];
      const stores = await openStores(t, engine, { log: ({ query }) => statements.push(query) });
      for (const fill of fills) await stores.query(fill);
      // On a separate connection: libSQL leaves the explanation of a write unfinished, and then
      // nothing can commit on that connection.
      const explain = openAt(t, engine, stores.place);
      const plansOf = async (work) => {
        statements.length = 0;
        await work(stores);
        const plans = [];
        for (const { sql, parameters } of [...statements]) {
          if (/^\s*(begin|commit|rollback)/i.test(sql)) continue;
          const rows = await explain.query(`explain query plan ${sql}`, [...parameters]);
          plans.push({ sql, parameters, plan: rows.map(({ detail }) => detail).join("\n") });
        }
        return plans;
      };
      return plansOf;
    };

    describe(`query plans on ${engine.name}, with ${size}`, () => {
      test("a page with an index starts at its position and reads in order", async (t) => {
        const plansOf = await explainer(t);
        for (const [index, byTerm] of Object.entries(IN_ORDER)) {
          for (const [term, filters] of Object.entries(byTerm)) {
            for (const filter of filters) {
              await forEachPage(["newest", "oldest"], async (request, side) => {
                const id = index === CLIENTS ? "id" : "rowid";
                const entry = side === undefined ? term : `${term} AND ${id}${side}?`;
                const plans = await plansOf(({ sessions }) =>
                  sessions.list({ filter, limit: 25, ...request }),
                );
                assertDriven(plans, `${index} (${entry})`, { filter, ...request });
              });
            }
          }
        }
      });

      test("a page without an index walks the listing from its position", async (t) => {
        const plansOf = await explainer(t);
        for (const filter of WALKS) {
          await forEachPage(["newest", "oldest"], async (request, side) => {
            const plans = await plansOf(({ sessions }) =>
              sessions.list({ filter, limit: 25, ...request }),
            );
            assertDriven(plans, listing(side === undefined ? "" : ` (seq${side}?)`), {
              filter,
              ...request,
            });
          });
        }
      });

      test("a range of creation and a position bound the walk on both sides", async (t) => {
        const plansOf = await explainer(t);
        const [after, before] = [{ after: POSITION }, { before: POSITION }];
        // The smallest id that may be found, and the first one that may not.
        for (const [created, from, least, end] of [
          [{ after: 5, before: 2_000 }, {}, idAt(5), idAt(2_000)],
          [{ after: 5, before: 2_000 }, after, idAt(5), idAt(1_000, 10)],
          [{ after: 5, before: 500 }, after, idAt(5), idAt(500)],
          [{ after: 5, before: 2_000 }, before, idAt(1_000, 11), idAt(2_000)],
          [{ after: 1_500, before: 2_000 }, before, idAt(1_500), idAt(2_000)],
          [{ before: 2_000 }, after, undefined, idAt(1_000, 10)],
          [{ before: 2_000 }, before, idAt(1_000, 11), idAt(2_000)],
        ]) {
          for (const [others, index, term, id] of [
            [{}, "rollcall_sessions_listing", [], "seq"],
            [
              { subjectId: { equals: "subject 1" } },
              "rollcall_sessions_subject",
              ["subject_id=?"],
              "rowid",
            ],
            [{ clientId: "client 1" }, CLIENTS, ["client_id=?"], "id"],
          ]) {
            const request = { filter: { created, ...others }, order: "newest", limit: 25, ...from };
            const plans = await plansOf(({ sessions }) => sessions.list(request));
            const bounds = least === undefined ? [`${id}<?`] : [`${id}>?`, `${id}<?`];
            assertDriven(plans, `${index} (${[...term, ...bounds].join(" AND ")})`, request);
            const [{ parameters }] = plans;
            assert.deepEqual(
              parameters.slice(-bounds.length),
              least === undefined ? [end] : [least, end],
              JSON.stringify(request),
            );
          }
        }
      });

      test("a page in the order of expiry walks the index of expiry", async (t) => {
        const plansOf = await explainer(t);
        const index = "rollcall_sessions_expiry";
        const filters = [
          {},
          { clientId: "shop" },
          { issuer: "https://id1.example.com" },
          { displayName: { contains: "a" } },
          { subjectId: { startsWith: "subject" } },
          { created: { after: 5 } },
        ];
        for (const filter of filters) {
          await forEachPage(["expiry"], async (request, side) => {
            // The index requires `is not null`, which is a lower bound too.
            const bounds = {
              undefined: "(expires>?)",
              ">": "((expires,seq)>(?,?))",
              "<": "(expires>? AND (expires,seq)<(?,?))",
            };
            const entry = bounds[side];
            assertDriven(
              await plansOf(({ sessions }) => sessions.list({ filter, limit: 25, ...request })),
              `${index} ${entry}`,
              {
                filter,
                ...request,
              },
            );
          });
        }
        const expired = { filter: { expiredAt: 900 }, order: "expiry", limit: 100 };
        const bounded = `${index} (expires>? AND expires<?)`;
        assertDriven(await plansOf(({ sessions }) => sessions.list(expired)), bounded, expired);
        const next = { ...expired, after: "1.1.1" };
        const entered = `${index} ((expires,seq)>(?,?) AND expires<?)`;
        assertDriven(await plansOf(({ sessions }) => sessions.list(next)), entered, next);
      });

      test("the few sessions of a subject, session id, name or address are sorted by expiry", async (t) => {
        const plansOf = await explainer(t);
        for (const [filter, entry] of [
          [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject (subject_id=?)"],
          [
            { sessionId: { equals: "sid 1" }, expiredAt: 5 },
            "rollcall_sessions_session (session_id=?)",
          ],
          [
            { displayName: { equals: "name 1" }, activeAt: 5 },
            "rollcall_sessions_name (display_name_folded=?)",
          ],
          [
            { ipAddress: "192.0.2.1", clientId: "shop" },
            "rollcall_sessions_address (ip_address=?)",
          ],
        ]) {
          const plans = await plansOf(({ sessions }) =>
            sessions.list({ filter, order: "expiry", limit: 25 }),
          );
          assertDriven(plans, entry, { filter }, { sorts: true });
        }
      });

      test("a range with few matches is sorted, and one with many is found by a walk", async (t) => {
        const plansOf = await explainer(t);
        for (const [filter, range] of RANGES) {
          for (const from of [{}, { after: POSITION }, { before: POSITION }]) {
            const request = { filter, order: "newest", limit: 25, ...from };
            const [probe, ...page] = await plansOf(({ sessions }) => sessions.list(request));
            assertDriven([probe], range, request);
            if (isEmpty) {
              assertDriven(page, range, request, { sorts: true });
              // Only the ids are sorted. The rows of the page are read afterwards.
              assertDriven(page, "SEARCH s USING INTEGER PRIMARY KEY", request, { sorts: true });
            } else {
              assertDriven(page, "rollcall_sessions_listing", request);
            }
          }
        }
      });

      test("a count reads a part of an index", async (t) => {
        const plansOf = await explainer(t);
        const counts = [
          ...Object.entries(IN_ORDER).flatMap(([index, byTerm]) =>
            Object.entries(byTerm).flatMap(([term, filters]) =>
              filters.map((filter) => [filter, `${index} (${term}`]),
            ),
          ),
          ...RANGES,
          ...WALKS.filter(({ renewed }) => renewed === undefined).map((filter) => [
            filter,
            isWithoutId(filter) ? "rollcall_sessions_listing" : "COVERING INDEX",
          ]),
          [{ created: { after: 5, before: 9 } }, listing(" (seq>? AND seq<?)")],
          [{ clientId: "shop", created: { after: 5 } }, `${CLIENTS} (client_id=? AND id>?)`],
        ];
        for (const [filter, entry] of counts) {
          for (const upTo of [undefined, 10_000]) {
            assertDriven(await plansOf(({ sessions }) => sessions.count(filter, upTo)), entry, {
              filter,
              upTo,
            });
          }
        }
        const [{ plan }] = await plansOf(({ sessions }) => sessions.count({ clientId: "shop" }));
        assert.ok(!plan.includes(" s "), "the sessions were read");
      });

      test("a count by renewal time reads the sessions, because a renewal changes no index", async (t) => {
        const plansOf = await explainer(t);
        const [{ plan }] = await plansOf(({ sessions }) =>
          sessions.count({ renewed: { after: 5 } }),
        );
        assert.equal(plan, "SCAN s");
        const { query } = await openStores(t, engine);
        const indexes = (await engine.schemaOf(query)).filter(({ type }) => type === "index");
        assert.ok(indexes.length > 10);
        for (const { sql } of indexes) assert.doesNotMatch(`${sql}`, /renewed/);
      });

      test("a session is found by its key", async (t) => {
        const plansOf = await explainer(t);
        const key = "rollcall_sessions_key (key=?)";
        const works = [
          ({ sessions }) => sessions.get("key 1"),
          ({ sessions }) => sessions.update("key 1", { renewed: 5 }),
          ({ sessions }) => sessions.update("key 1", {}),
          ({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }, 5),
          ({ sessions }) => sessions.remove(["key 1", "key 2"]),
          ({ sessions }) => sessions.remove(LONG_LIST),
        ];
        for (const work of works) {
          for (const plan of await plansOf(work)) assertDriven([plan], key, work.toString());
        }
        const [unlisting] = await plansOf(({ sessions }) => sessions.remove(LONG_LIST));
        const listed = "rollcall_session_clients USING PRIMARY KEY (client_id=? AND id=?)";
        assertDriven([unlisting], listed, "the clients of the removed sessions");
        assertIndexed(
          await plansOf(({ sessions }) =>
            sessions.create(session("new", { clients: [{ clientId: "shop" }] })),
          ),
        );
      });

      test("grants are found by the most selective index", async (t) => {
        const plansOf = await explainer(t);
        const subject = "rollcall_grants_subject (subject_id=?)";
        const ofSession = "rollcall_grants_session (session_id=?)";
        for (const [filter, entry] of [
          [{ subjectId: "subject 1" }, subject],
          [{ subjectId: "subject 1", types: ["user_consent"] }, subject],
          [
            {
              subjectId: "subject 1",
              clientIds: ["shop", "forum"],
              types: ["refresh_token", "ciba"],
            },
            subject,
          ],
          [{ sessionId: "sid 1" }, ofSession],
          [{ sessionId: "sid 1", types: ["refresh_token"], clientIds: ["shop"] }, ofSession],
          [{ subjectId: "subject 1", sessionId: "sid 1" }, ofSession],
          [{ clientIds: ["shop", "forum"] }, "rollcall_grants_client (client_id=?)"],
          [
            { clientIds: ["shop"], types: ["ciba", "user_consent"] },
            "rollcall_grants_client (client_id=? AND type=?)",
          ],
          [{ subjectId: "subject 1", clientIds: LONG_LIST, types: LONG_LIST }, subject],
          [
            { clientIds: LONG_LIST, types: ["refresh_token"] },
            "rollcall_grants_client (client_id=? AND type=?)",
          ],
          [{ types: ["user_consent"] }, "rollcall_grants_type (type=?)"],
        ]) {
          for (const method of ["list", "count", "remove"]) {
            const plans = await plansOf(({ grants }) => grants[method](filter));
            for (const plan of plans)
              assertDriven([plan], entry, { method, filter }, { groups: true });
          }
        }
        for (const work of [
          ({ grants }) => grants.get("a"),
          ({ grants }) => grants.store(grant("a")),
        ]) {
          assertIndexed(await plansOf(work));
        }
      });

      test("notifications are found by the most selective index, in the order of their ids", async (t) => {
        const plansOf = await explainer(t);
        for (const [filter, index, term] of [
          [{ state: "pending" }, "rollcall_outbox_state", "state=?"],
          [{ clientId: "shop", state: "pending" }, "rollcall_outbox_client", "client_id=?"],
          [{ subjectId: "subject 1", clientId: "shop" }, "rollcall_outbox_subject", "subject_id=?"],
          [{ state: "pending", issuers: ["one", "other"] }, "rollcall_outbox_state", "state=?"],
          [
            { sessionId: "sid 1", subjectId: "subject 1", state: "failed" },
            "rollcall_outbox_session",
            "session_id=?",
          ],
        ]) {
          assertDriven(
            await plansOf(({ outbox }) => outbox.list(filter)),
            `${index} (${term})`,
            filter,
          );
          assertDriven(
            await plansOf(({ outbox }) => outbox.list(filter, "a", 10)),
            `${index} (${term} AND id>?)`,
            filter,
          );
        }
        assertDriven(
          await plansOf(({ outbox }) => outbox.list({})),
          "rollcall_outbox USING INDEX",
          {},
        );
        assertDriven(await plansOf(({ outbox }) => outbox.list({}, "a")), "(id>?)", {});
        const ofIssuers = { issuers: ["one", "other"] };
        assertDriven(
          await plansOf(({ outbox }) => outbox.list(ofIssuers, "a")),
          "(id>?)",
          ofIssuers,
        );
        const one = { id: "sid 1", clientId: "shop", ...ofIssuers };
        assertDriven(await plansOf(({ outbox }) => outbox.list(one, undefined, 1)), "(id=?)", one);
        const [due] = await plansOf(({ outbox }) =>
          outbox.claim({ now: 900, limit: 10, leaseFor: 10 }),
        );
        assertDriven([due], "rollcall_outbox_due (due<?)", "claim");
        const works = [
          ({ outbox }) => outbox.claim({ now: 5_000, limit: 10, leaseFor: 10 }),
          ({ outbox }) => outbox.add([notification("a"), notification("b")]),
          ({ outbox }) => outbox.settle("a", { state: "failed", error: "gone" }, 5),
          ({ outbox }) => outbox.retry("a", 5),
        ];
        for (const work of works) assertIndexed(await plansOf(work), work.toString());
      });

      test("entries to prune are found by an index, the oldest first", async (t) => {
        const plansOf = await explainer(t);
        const bounds = { delivered: 5_000, failed: 6_000 };
        for (const plan of await plansOf(({ outbox }) => outbox.prune(bounds, 10))) {
          const entry = "rollcall_outbox_settled (state=? AND settled<?)";
          assertDriven([plan], entry, "prune");
        }
        const expired = await plansOf(({ grants }) => grants.removeExpired(5_000, 10));
        assertDriven(expired, "rollcall_grants_expiry (expires<?)", "expired grants");
        const devices = await plansOf(({ sessions }) => sessions.forgetDevices(1_200, 10));
        assertDriven(devices, "rollcall_sessions_devices (seq<?)", "devices");
      });

      test("every statement of a step that ends sessions uses an index", async (t) => {
        const plansOf = await explainer(t);
        const listing = "rollcall_session_clients USING PRIMARY KEY (client_id=? AND id=?)";
        for (const [members, entry, sorts] of ENDINGS) {
          const ending = step({
            ...members,
            revoke: {
              matching: [{ subjectId: "subject 1" }, { sessionId: "sid 2", clientIds: LONG_LIST }],
              ofSessions: { types: LONG_LIST, exceptClientIds: ["shop"], ofParticipants: true },
            },
            notify: notices({
              clients: [notified("shop", "subject"), notified("mail", "session")],
            }),
          });
          const plans = await plansOf(({ atomic }) => atomic.endSessions(ending));
          assert.ok(plans.length >= 9, "each part has its own statement");
          const allowed = { groups: true, sorts, lists: true };
          assertIndexed(plans, members, allowed);
          assert.ok(plans.some(({ plan }) => plan.includes(listing)));
          const [found, ...others] = plans.filter(({ sql }) => / rollcall_sessions\b/.test(sql));
          assertDriven([found], entry, members, allowed);
          if (members.filter?.clientId === undefined) {
            for (const plan of others) assertDriven([plan], entry, members, allowed);
          }
          const [clients] = await plansOf(({ atomic }) => atomic.clientsOf(ending));
          assertDriven([clients], entry, members, allowed);
        }
      });

      test("an admission counts the sessions of a subject by an index", async (t) => {
        const plansOf = await explainer(t);
        const row = session("admitted", {
          subjectId: "subject 1",
          clients: [{ clientId: "shop" }],
        });
        const [insertion, list] = await plansOf(({ atomic }) => atomic.admit(row, 10_000, 5));
        assertDriven([insertion], "rollcall_sessions_subject (subject_id=?)", "admit");
        assertDriven([list], "USING INTEGER PRIMARY KEY (rowid=?)", "admit");
      });
    });
  }
}

/** Calls `check` for the first, last, next and previous page of these orders. */
async function forEachPage(orders, check) {
  for (const order of orders) {
    for (const { from, side } of STARTS) await check({ order, ...from(order) }, side?.[order]);
  }
}

/**
 * Asserts that the index is entered with these terms, and that nothing is read without an index.
 */
function assertDriven(plans, entry, message, allowed) {
  assert.ok(plans.length > 0);
  assertIndexed(plans, message, allowed);
  const text = plans.map(({ plan, sql }) => `${plan}\n${sql}`).join("\n");
  assert.ok(
    plans.some(({ plan }) => plan.includes(entry)),
    `${JSON.stringify(message)} should use ${entry}:\n${text}`,
  );
}

function assertIndexed(plans, message = "", { sorts = false, groups = false, lists = false } = {}) {
  for (const { plan, sql } of plans) {
    const text = `${JSON.stringify(message)}\n${plan}\n${sql}`;
    for (const line of plan.split("\n")) {
      // A scan of anything but our tables reads the result of a subquery or a list of values.
      const isTable = /^SCAN (s|c|g|ended|rollcall_\w+)\b(?! (EXISTS )?VIRTUAL TABLE)/.test(line);
      assert.ok(!isTable || / USING (COVERING )?INDEX /.test(line), `reads a whole table: ${text}`);
      // A list of values has no index.
      const isList = lists && /^SEARCH wanted /.test(line);
      assert.ok(
        isList || !/AUTOMATIC|MULTI-INDEX OR/.test(line),
        `makes up for a missing index: ${text}`,
      );
      assert.ok(
        sorts || !/TEMP B-TREE FOR (LAST TERM OF |RIGHT PART OF )?ORDER BY/.test(line),
        `sorts: ${text}`,
      );
      assert.ok(groups || !/TEMP B-TREE FOR (GROUP|DISTINCT)/.test(line), `groups: ${text}`);
    }
    assert.ok(
      !sorts || lists || plan === "" || /ORDER BY/.test(plan) || !/order by/.test(sql),
      `should sort: ${text}`,
    );
  }
}
