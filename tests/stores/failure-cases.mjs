// Failures in the middle of a call, on every SQL engine and with every driver: the call changes
// nothing, and its error doesn't contain a session's key.
import { strict as assert } from "node:assert";
import { inspect } from "node:util";
import { byName } from "./names.mjs";
import { casesOn } from "./open-case.mjs";
import { createAll, fullSession, grant, notification, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";

/** The change that removes ended sessions from the listing of their clients. */
const UNLISTING = "delete on rollcall_session_clients";
const CHANGES = [
  "insert on rollcall_outbox",
  "delete on rollcall_sessions",
  "delete on rollcall_grants",
];
const STEP = step({
  keys: ["a", "b"],
  revoke: { matching: [{ subjectId: "alice" }], ofSessions: { types: [] } },
  notify: notices({ clients: [notified("shop", "subject")] }),
});
const FORBIDDEN = /forbidden by the test/;

/**
 * Secrets, and patterns that no error may match: the secrets as digits, as bytes and as escaped
 * bytes.
 */
const keyNumber = (n) => `${"5ec4e7".repeat(10)}${n.toString(16).padStart(4, "0")}`;
const KEY = keyNumber(0);
const SECRETS = [
  /5ec4e7/i,
  /5e,? *(0x)?c4,? *(0x)?e7/i,
  /94, *196, *231/,
  /\^(\\+xC4\\+xE7|\u00c4\u00e7)/i,
];
const holdsKey = (error) => {
  const shown = inspect(error, { depth: 10, showHidden: true });
  return SECRETS.some((secret) => secret.test(shown));
};

/** By table: calls that read or write it, with a secret if they have one. */
const CALLS_ON = {
  rollcall_sessions: [
    ({ sessions }) => sessions.create(fullSession(KEY)),
    ({ sessions }) => sessions.get(KEY),
    ({ sessions }) => sessions.update(KEY, { renewed: 2_000 }),
    ({ sessions }) => sessions.addClient(KEY, { clientId: "shop" }, 2_000),
    ({ sessions }) => sessions.list({ filter: {}, order: "newest", limit: 1 }),
    ({ sessions }) => sessions.count({}),
    ({ sessions }) => sessions.remove([KEY]),
    ({ sessions }) => sessions.forgetDevices(2_000, 10),
    ({ atomic }) => atomic.endSessions({ ...STEP, keys: [KEY] }),
  ],
  rollcall_grants: [
    ({ grants }) => grants.store(grant(KEY)),
    ({ grants }) => grants.get(KEY),
    ({ grants }) => grants.list({ subjectId: "alice" }),
    ({ grants }) => grants.count({ subjectId: "alice" }),
    ({ grants }) => grants.remove({ subjectId: "alice" }),
    ({ grants }) => grants.removeExpired(2_000, 10),
    ({ atomic }) => atomic.endSessions({ ...STEP, keys: [KEY] }),
  ],
  rollcall_outbox: [
    ({ outbox }) => outbox.add([notification("a")]),
    ({ outbox }) => outbox.claim({ now: 2_000, limit: 1, leaseFor: 1_000 }),
    ({ outbox }) => outbox.settle("a", { state: "delivered" }, 2_000),
    ({ outbox }) => outbox.list({}),
    ({ outbox }) => outbox.retry("a", 2_000),
    ({ outbox }) => outbox.prune({ delivered: 2_000, failed: 2_000 }, 10),
    ({ atomic }) => atomic.endSessions({ ...STEP, keys: [KEY] }),
  ],
};

async function contents({ sessions, grants, outbox }) {
  return {
    sessions: (await sessions.list({ filter: {}, order: "oldest", limit: 100 })).sessions,
    grants: await grants.list({ clientIds: ["shop"] }),
    outbox: await outbox.list({}),
  };
}

/**
 * The cases, for any test runner.
 *
 * @param {object} engine
 * @param {() => Promise<object>} engine.open fresh stores, as for the conformance kit, with
 *   `query`, which runs a statement directly
 * @param {(query: (sql: string) => Promise<unknown>, change: string) => Promise<() =>
 *   Promise<unknown>>} engine.forbid one of `forbid.mjs`
 * @param {string} [engine.unlisting] the change that removes ended sessions from the listing of
 *   their clients
 * @returns {{ name: string, run: () => Promise<void> }[]}
 */
export function failureCases({ open, forbid, unlisting = UNLISTING }) {
  const openCase = casesOn(async () => byName(await open()));

  /** Runs `work` while a kind of change is forbidden. */
  const whileForbidden = async ({ query }, change, work) => {
    const allow = await forbid(query, change);
    try {
      await work();
    } finally {
      await allow();
    }
  };

  return [
    ...[...CHANGES, unlisting].map((change) =>
      openCase(`an ending that fails at ${change} changes nothing`, async (stores) => {
        await createAll(stores.sessions, [fullSession("a"), fullSession("b")]);
        await stores.grants.store(grant("token", { subjectId: "alice" }));
        const before = await contents(stores);
        await whileForbidden(stores, change, async () => {
          await assert.rejects(async () => stores.atomic.endSessions(STEP), FORBIDDEN);
          assert.deepEqual(await contents(stores), before);
        });
        const { ended, recorded, tokens } = await stores.atomic.endSessions(STEP);
        assert.deepEqual([ended, recorded, tokens], [2, 3, 1], "the ending can be repeated");
      }),
    ),

    openCase("a session whose clients can't be stored is not created", async (stores) => {
      await whileForbidden(stores, "insert on rollcall_session_clients", async () => {
        await assert.rejects(async () => stores.sessions.create(fullSession("a")), FORBIDDEN);
        assert.equal(await stores.sessions.get("a"), undefined);
      });
      await stores.sessions.create(fullSession("a"));
    }),

    openCase("a creation time that a row can't store is refused", async ({ sessions }) => {
      // Between 1691 and 2248: see `sql/row-id.ts`.
      const [earliest, latest] = [-(2 ** 43), 2 ** 43 - 2];
      for (const created of [earliest - 1, latest + 1, -8.64e15, 8.64e15]) {
        const row = session("a", { created, clients: [{ clientId: "shop" }] });
        await assert.rejects(async () => sessions.create(row), {
          name: "RollcallError",
          code: "invalid_argument",
          message: /`created`/,
        });
      }
      assert.equal(await sessions.count({}), 0);
      const times = [earliest, -1, 0, 1, latest];
      const rows = times.map((created, n) => session(`${n}`, { created, expires: 5 - created }));
      for (const row of [...rows].reverse()) await sessions.create(row);
      for (const [order, expected] of [
        ["oldest", rows],
        ["newest", [...rows].reverse()],
        ["expiry", [...rows].reverse()],
      ]) {
        const request = { filter: {}, order, limit: 2 };
        const found = [];
        for (let page = await sessions.list(request); page.sessions.length > 0; ) {
          found.push(...page.sessions);
          page = await sessions.list({ ...request, after: page.positions.at(-1) });
        }
        assert.deepEqual(found, expected, order);
      }
      for (const [n, time] of times.entries()) {
        assert.equal(await sessions.count({ created: { after: time } }), times.length - n);
        assert.equal(await sessions.count({ created: { before: time } }), n);
      }
      for (const [time, before] of [
        [-8.64e15, 0],
        [8.64e15, times.length],
      ]) {
        assert.equal(await sessions.count({ created: { before: time } }), before);
        assert.equal(await sessions.count({ created: { after: time } }), times.length - before);
      }
    }),

    openCase("a removal that fails while deleting sessions keeps their clients", async (stores) => {
      await stores.sessions.create(fullSession("a"));
      await whileForbidden(stores, "delete on rollcall_sessions", async () => {
        await assert.rejects(async () => stores.sessions.remove(["a"]), FORBIDDEN);
        assert.deepEqual(await stores.sessions.get("a"), fullSession("a"));
      });
    }),

    ...Object.entries(CALLS_ON).map(([table, calls]) =>
      openCase(`if ${table} is missing, every error says to migrate`, async (stores) => {
        // A step that ends no session doesn't access the outbox.
        await stores.sessions.create(session(KEY, { clients: [{ clientId: "shop" }] }));
        await stores.query(`alter table ${table} rename to moved_away`);
        try {
          for (const call of calls) {
            const error = await call(stores).then(
              () => assert.fail(`${call} succeeded`),
              (error) => error,
            );
            assert.equal(error.name, "RollcallError", `${call}: ${inspect(error)}`);
            assert.equal(error.code, "not_configured");
            assert.match(error.message, /run `migrate\(/);
            assert.ok(error.cause instanceof Error, "the driver's error is the cause");
            assert.ok(!holdsKey(error), `${call}`);
          }
        } finally {
          await stores.query(`alter table moved_away rename to ${table}`);
        }
      }),
    ),

    openCase("an error never contains a session's key", async ({ sessions }) => {
      await sessions.create(session(KEY));
      const error = await sessions.create(session(KEY)).then(
        () => assert.fail("the duplicate key was accepted"),
        (error) => error,
      );
      assert.equal(error.code, "store_failed");
      assert.ok(!holdsKey(error));
    }),

    openCase("an error of the driver never contains a session's key", async (stores) => {
      const { sessions } = stores;
      const keys = Array.from({ length: 40 }, (_, n) => keyNumber(n + 1));
      await sessions.create(session(KEY));
      const errors = [];
      const failing = async (call) => await call().catch((error) => errors.push(error));
      await whileForbidden(stores, "insert on rollcall_sessions", () =>
        failing(() => sessions.create(session(keyNumber(100)))),
      );
      await whileForbidden(stores, "update on rollcall_sessions", () =>
        failing(() => sessions.update(KEY, { renewed: 2_000 })),
      );
      await whileForbidden(stores, "delete on rollcall_sessions", () =>
        failing(() => sessions.remove([KEY, ...keys])),
      );
      assert.equal(errors.length, 3);
      // These are refused before they reach the driver.
      await failing(() => sessions.update(KEY, { scheme: "\u0000" }));
      await failing(() => sessions.create(session(keyNumber(100), { scheme: "x".repeat(300) })));
      assert.equal(errors.length, 5);
      for (const error of errors) {
        assert.ok(error instanceof Error);
        assert.ok(!holdsKey(error), error.message);
      }
    }),
  ];
}
