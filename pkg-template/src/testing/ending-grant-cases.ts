/**
 * Cases of the grants that a step removes, and of its atomicity.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { EndingGrants, EndingStep, GrantFilter, PersistedGrant } from "../types.js";
import type { PortCase, Stores } from "./case.js";
import { grantsRemoved } from "./ending-model.js";
import { NOTHING_ENDED, notices, row, step } from "./ending-samples.js";
import { COMBINATIONS, countsOf, GRANTS, matchingGrants, storeAll, TYPES } from "./grant-model.js";
import { createAll, grant, keysOf, sessionsIn, times } from "./samples.js";

/** The session that some of `GRANTS` belong to, by subject and session id. */
const ENDED = row("a", {
  subjectId: "alice",
  sessionId: "s1",
  clients: [{ clientId: "shop" }, { clientId: "100%", sessionId: "own sid" }],
});

/** The grants of that session. */
const OF_ENDED = matchingGrants({ subjectId: "alice", sessionId: "s1" });

/** Sessions that are kept: of the same subject, and of another one with the same session id. */
const STAYING = [
  row("b", { subjectId: "alice", sessionId: "s2", clients: [{ clientId: "forum" }] }),
  row("c", { subjectId: "bob", sessionId: "s1", clients: [{ clientId: "forum" }] }),
];

/** The grants of `OF_ENDED` that are removed with the session. */
const OF_SESSIONS: readonly [NonNullable<EndingGrants["ofSessions"]>, GrantFilter][] = [
  [{ types: [] }, {}],
  [{ types: ["refresh_token"] }, { types: ["refresh_token"] }],
  [{ types: ["ciba", "device_code", "unknown"] }, { types: ["ciba", "device_code"] }],
  [{ types: ["CIBA"] }, { types: ["CIBA"] }],
  [{ types: [], clientIds: ["shop", "unknown"] }, { clientIds: ["shop"] }],
  [{ types: [], clientIds: ["Shop"] }, { clientIds: ["Shop"] }],
  [{ types: [], exceptClientIds: ["shop", "unknown"] }, { clientIds: ["forum", "100%"] }],
  [{ types: [], exceptClientIds: ["SHOP"] }, {}],
  [{ types: [], exceptClientIds: [] }, {}],
  [{ types: [], ofParticipants: true }, { clientIds: ["shop", "100%"] }],
  [{ types: [], ofParticipants: false }, {}],
  [
    { types: ["ciba", "user_consent"], clientIds: ["forum", "shop"], ofParticipants: true },
    { types: ["ciba", "user_consent"], clientIds: ["shop"] },
  ],
  [
    { types: ["ciba"], clientIds: ["forum", "shop"], exceptClientIds: ["forum"] },
    { types: ["ciba"], clientIds: ["shop"] },
  ],
  [
    { types: ["ciba"], exceptClientIds: ["shop"], ofParticipants: true },
    { types: ["ciba"], clientIds: ["100%"] },
  ],
];

/** All grants in the store, in the order of their keys. */
async function grantKeysIn(grants: Stores["grants"]): Promise<string[]> {
  return keysOf(await grants.list({ types: TYPES })).sort();
}

/** The keys of the samples without these ones, in order. */
function keysWithout(removed: readonly PersistedGrant[]): string[] {
  return keysOf(GRANTS.filter((grant) => !removed.includes(grant))).sort();
}

export const endingGrantCases: readonly PortCase[] = [
  {
    name: "removes no grants without `revoke`",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED]);
      await storeAll(grants, OF_ENDED);
      for (const revoke of [undefined, {}, { matching: [] }]) {
        const result = await atomic.endSessions(step({ ...(revoke !== undefined && { revoke }) }));
        assert.equal(result.ended, 1);
        assert.deepEqual([result.tokens, result.consents, result.other], [0, 0, 0]);
        await sessions.create(ENDED);
      }
      assert.deepEqual(await grantKeysIn(grants), keysOf(OF_ENDED).sort());
    },
  },
  {
    name: "removes the grants that a filter matches, even if no session ends",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, STAYING);
      await storeAll(grants, GRANTS);
      for (const filter of COMBINATIONS) {
        const removed = matchingGrants(filter);
        const message = JSON.stringify(filter);
        const result = await atomic.endSessions(
          step({ keys: [ENDED.key], revoke: { matching: [filter] } }),
        );
        assert.deepEqual(result, { ...NOTHING_ENDED, ...countsOf(removed) }, message);
        assert.deepEqual(await grantKeysIn(grants), keysWithout(removed), message);
        await storeAll(grants, removed);
      }
      assert.deepEqual(await sessionsIn(sessions), STAYING);
    },
  },
  {
    name: "removes the grants of the sessions that it ends, by type and client",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED, ...STAYING]);
      await storeAll(grants, GRANTS);
      for (const [ofSessions, filter] of OF_SESSIONS) {
        const removed = matchingGrants(filter, OF_ENDED);
        const message = JSON.stringify(ofSessions);
        const result = await atomic.endSessions(
          step({ keys: [ENDED.key], revoke: { ofSessions } }),
        );
        assert.equal(result.ended, 1, message);
        const { tokens, consents, other } = result;
        assert.deepEqual({ tokens, consents, other }, countsOf(removed), message);
        assert.deepEqual(await grantKeysIn(grants), keysWithout(removed), message);
        await storeAll(grants, removed);
        await sessions.create(ENDED);
      }
    },
  },
  {
    name: "removes no grants for an empty list of clients",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED]);
      await storeAll(grants, OF_ENDED);
      const revoke = { ofSessions: { types: [], clientIds: [] } };
      const result = await atomic.endSessions(step({ revoke }));
      assert.equal(result.ended, 1);
      assert.deepEqual([result.tokens, result.consents, result.other], [0, 0, 0]);
      assert.deepEqual(await grantKeysIn(grants), keysOf(OF_ENDED).sort());
    },
  },
  {
    name: "uses the participants of each session separately",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED, ...STAYING]);
      await sessions.addClient("c", { clientId: "100%" }, 0);
      await storeAll(grants, GRANTS);
      const revoke = { ofSessions: { types: [], ofParticipants: true } };
      const result = await atomic.endSessions(step({ revoke }));
      assert.equal(result.ended, 3);
      const removed = [
        { subjectId: "alice", sessionId: "s1", clientIds: ["shop", "100%"] },
        { subjectId: "alice", sessionId: "s2", clientIds: ["forum"] },
        { subjectId: "bob", sessionId: "s1", clientIds: ["forum", "100%"] },
      ].flatMap((filter) => matchingGrants(filter));
      const { tokens, consents, other } = result;
      assert.deepEqual({ tokens, consents, other }, countsOf(removed));
      assert.deepEqual(await grantKeysIn(grants), keysWithout(removed));
    },
  },
  {
    name: "uses the participants of all sessions with the same ids",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      const ids = { subjectId: "alice", sessionId: "s1" };
      await createAll(sessions, [
        row("a", { ...ids, clients: [{ clientId: "shop" }] }),
        row("b", { ...ids, clients: [] }),
        row("c", { ...ids, clients: [{ clientId: "100%" }] }),
        row("d", { ...ids, clients: [] }),
      ]);
      await storeAll(grants, GRANTS);
      const revoke = { ofSessions: { types: [], ofParticipants: true } };
      const result = await atomic.endSessions(step({ revoke }));
      assert.equal(result.ended, 4);
      const removed = matchingGrants({ ...ids, clientIds: ["shop", "100%"] });
      const { tokens, consents, other } = result;
      assert.deepEqual({ tokens, consents, other }, countsOf(removed));
      assert.deepEqual(await grantKeysIn(grants), keysWithout(removed));
    },
  },
  {
    name: "removes only grants of the sessions that it ends, and only once",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED, ...STAYING]);
      await storeAll(grants, GRANTS);
      const revoke = { ofSessions: { types: [] } };
      const first = await atomic.endSessions(step({ limit: 1, exceptSessionIds: ["s2"], revoke }));
      assert.equal(first.ended, 1);
      const left = await sessionsIn(sessions);
      const ended = [ENDED, ...STAYING].filter(({ key }) => !keysOf(left).includes(key));
      const removed = grantsRemoved(GRANTS, revoke, ended);
      assert.equal(removed.length, OF_ENDED.length);
      assert.deepEqual(await grantKeysIn(grants), keysWithout(removed));
      await storeAll(grants, removed);
      const again = await atomic.endSessions(step({ keys: keysOf(ended), revoke }));
      assert.deepEqual(again, NOTHING_ENDED, "its grants stay that came after its end");
      assert.deepEqual(await grantKeysIn(grants), keysWithout([]));
    },
  },
  {
    name: "counts a grant once if several members match it",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      await createAll(sessions, [ENDED, ...STAYING]);
      await storeAll(grants, GRANTS);
      const revoke: EndingGrants = {
        matching: [
          { sessionId: "s1", types: ["ciba", "user_consent"] },
          { subjectId: "alice" },
          { subjectId: "alice", clientIds: ["shop"] },
          { clientIds: ["forum"], types: ["device_code"] },
        ],
        ofSessions: { types: [], ofParticipants: true },
      };
      const removed = grantsRemoved(GRANTS, revoke, [ENDED]);
      assert.deepEqual(countsOf(removed), { tokens: 45, consents: 18, other: 18 });
      const result = await atomic.endSessions(step({ keys: [ENDED.key], revoke }));
      const { tokens, consents, other } = result;
      assert.deepEqual({ tokens, consents, other }, countsOf(removed));
      assert.deepEqual(await grantKeysIn(grants), keysWithout(removed));
    },
  },
  {
    name: "removes the grants of hundreds of sessions",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      const keys = times(150, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key, { clients: [{ clientId: "shop" }] })),
      );
      const grantsOf = (key: string): PersistedGrant[] => [
        grant(`${key}, shop`, { subjectId: "alice", sessionId: key }),
        grant(`${key}, forum`, { subjectId: "alice", sessionId: key, clientId: "forum" }),
      ];
      await storeAll(grants, keys.flatMap(grantsOf));
      const padding = times(300, (n) => `unknown ${n}`);
      const clientIds = [...padding, "shop", "forum"];
      const exceptClientIds = [...padding, "forum"];
      const types = [...padding, "refresh_token"];
      const exceptSessionIds = ["key 7"];
      const revoke = { ofSessions: { types, clientIds, exceptClientIds } };
      const result = await atomic.endSessions(
        step({ limit: 1_000, exceptSessionIds, details: false, revoke }),
      );
      assert.equal(result.ended, 149);
      assert.equal(result.tokens, 149);
      const left = keys.flatMap((key) => (key === "key 7" ? [`${key}, shop`] : []));
      assert.deepEqual(
        await grantKeysIn(grants),
        [...left, ...keys.map((key) => `${key}, forum`)].sort(),
      );
    },
  },
  {
    name: "does all of a step or nothing, wherever it fails",
    needs: ["atomic.covers.grants", "atomic.covers.outbox"],
    run: async ({ open }) => {
      const stores = await open();
      const { sessions, grants, outbox, atomic } = stores;
      await createAll(sessions, [ENDED, ...STAYING]);
      await storeAll(grants, GRANTS);
      const good: EndingStep = step({
        revoke: { matching: [{ subjectId: "alice" }], ofSessions: { types: [] } },
        notify: notices({
          clients: [{ clientId: "shop", by: "session", ways: [{ kind: "logout" }] }],
        }),
      });
      const { revoke = {}, notify = notices() } = good;
      const client = { clientId: "forum", by: "subject", ways: [{ kind: "logout" }] } as const;
      const bad: EndingStep[] = [
        { ...good, revoke: { ...revoke, matching: [{ subjectId: "alice" }, {}] } },
        { ...good, revoke: { ...revoke, matching: [{ subjectId: "alice" }, { clientIds: [] }] } },
        {
          ...good,
          revoke: {
            ...revoke,
            matching: [
              { subjectId: "alice" },
              failing<GrantFilter>({ sessionId: "s" }, "sessionId"),
            ],
          },
        },
        { ...good, revoke: { ...revoke, ofSessions: failing({ types: [] }, "types") } },
        { ...good, notify: failing(notify, "reason") },
        { ...good, notify: failing(notify, "created") },
        {
          ...good,
          notify: {
            ...notify,
            clients: [...notify.clients, failing({ ...client, ways: [] }, "ways")],
          },
        },
        {
          ...good,
          notify: {
            ...notify,
            clients: [{ ...client, ways: [failing({ kind: "logout" as const }, "kind")] }],
          },
        },
      ];
      for (const [index, step] of bad.entries()) {
        const message = `step ${index}`;
        await assert.rejects(async () => atomic.endSessions(step), undefined, message);
        assert.deepEqual(await sessionsIn(sessions), [ENDED, ...STAYING], message);
        assert.deepEqual(await grantKeysIn(grants), keysWithout([]), message);
        assert.deepEqual(await outbox.list({}), [], message);
      }
      const result = await atomic.endSessions(good);
      assert.equal(result.ended, 3, "without the fault it goes through");
      assert.equal(result.recorded, 4);
      const { tokens, consents, other } = result;
      assert.deepEqual(
        { tokens, consents, other },
        countsOf(grantsRemoved(GRANTS, revoke, [ENDED, ...STAYING])),
      );
    },
  },
];

/**
 * Fails when the member is read: before the store's first statement, or in the middle of its work.
 */
function failing<T extends object>(object: T, member: string): T {
  return Object.defineProperty({ ...object }, member, {
    enumerable: true,
    get: () => {
      throw new Error("it fails on purpose");
    },
  });
}
