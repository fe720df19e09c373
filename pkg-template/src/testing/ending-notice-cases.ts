/**
 * Cases of the notifications that a step records and returns.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { ClientNotices } from "../types.js";
import type { PortCase } from "./case.js";
import {
  byId,
  claimedFrom,
  endAll,
  endedIn,
  idsIn,
  NOTHING_ENDED,
  notice,
  notices,
  noticesIn,
  placesIn,
  RECORDED,
  row,
  rowIdsOf,
  step,
} from "./ending-samples.js";
import { at, createAll, notification, times } from "./samples.js";

const ISSUERS = ["https://id.example.com", "https://id.example.org"] as const;

const LOGOUT_URI = "https://shop.example.com/logout?a=b&c='d'";

/** A client that is notified with a logout token. */
const byLogout = (clientId: string, by: ClientNotices["by"]): ClientNotices => ({
  clientId,
  by,
  ways: [{ kind: "logout", logoutUri: LOGOUT_URI }],
});

/** Ids that a careless store truncates or escapes. */
const ODD_CLIENT_IDS = [
  "https://shop.example.com:8443/app",
  "a:b",
  "a:",
  ":b",
  'say "hi"',
  "it's",
  "back\\slash",
  "100%_*?[a-z]",
  " blanks ",
  "Shop",
  "shop",
  "日本語 ☎ 😀",
  "{}[],",
  "null",
  "e\u{301}",
  "\u{e9}",
  "line\nbreak\ttab",
];

export const endingNoticeCases: readonly PortCase[] = [
  {
    name: "notifies a client by session, with its own session id or that of the session",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      await createAll(sessions, [
        row("a", {
          issuer: ISSUERS[0],
          clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "forum's sid" }],
        }),
        row("b", { subjectId: "bob", clients: [{ clientId: "shop", sessionId: "shop's sid" }] }),
        row("stays", { clients: [{ clientId: "shop" }] }),
      ]);
      const id = await rowIdsOf(sessions);
      const clients = [byLogout("shop", "session"), byLogout("forum", "session")];
      const result = await atomic.endSessions(
        step({ keys: ["a", "b"], notify: notices({ clients, reason: "user_logout" }) }),
      );
      const common = { logoutUri: LOGOUT_URI, reason: "user_logout" } as const;
      const expected = [
        notice(`session:${id("a")}:forum`, {
          ...common,
          clientId: "forum",
          sessionId: "forum's sid",
          issuer: ISSUERS[0],
        }),
        notice(`session:${id("a")}:shop`, { ...common, sessionId: "a", issuer: ISSUERS[0] }),
        notice(`session:${id("b")}:shop`, {
          ...common,
          subjectId: "bob",
          sessionId: "shop's sid",
        }),
      ].sort(byId);
      assert.equal(result.recorded, 3);
      assert.deepEqual(noticesIn(result), expected);
      assert.deepEqual(await claimedFrom(outbox), expected);
    },
  },
  {
    name: "notifies a client by subject once for each subject and issuer",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const clients = [{ clientId: "shop", sessionId: "own sid" }];
      await createAll(sessions, [
        row("last without an issuer", { created: 4_000, clients }),
        row("first without an issuer", { created: 1_000, clients }),
        row("last at one", { created: 3_000, clients, issuer: ISSUERS[0] }),
        row("first at one", { created: 2_000, clients, issuer: ISSUERS[0] }),
        row("at the other", { created: 2_000, clients, issuer: ISSUERS[1] }),
        row("of bob", { created: 2_500, clients, issuer: ISSUERS[0], subjectId: "bob" }),
      ]);
      const id = await rowIdsOf(sessions);
      const notify = notices({ clients: [byLogout("shop", "subject")] });
      const result = await atomic.endSessions(step({ notify }));
      const common = { logoutUri: LOGOUT_URI };
      const expected = [
        notice(`subject:${id("last without an issuer")}:shop`, common),
        notice(`subject:${id("last at one")}:shop`, { ...common, issuer: ISSUERS[0] }),
        notice(`subject:${id("at the other")}:shop`, { ...common, issuer: ISSUERS[1] }),
        notice(`subject:${id("of bob")}:shop`, {
          ...common,
          issuer: ISSUERS[0],
          subjectId: "bob",
        }),
      ].sort(byId);
      assert.equal(result.ended, 6);
      assert.equal(result.recorded, 4);
      assert.deepEqual(noticesIn(result), expected);
      assert.deepEqual(await claimedFrom(outbox), expected);
    },
  },
  {
    name: "uses the last ended session of the client in an id by subject",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const shop = { clientId: "shop" };
      const forum = { clientId: "forum" };
      await createAll(sessions, [
        row("a", { created: 1_000, clients: [shop, forum] }),
        row("b", { created: 2_000, clients: [forum, shop] }),
        row("c", { created: 3_000, clients: [forum] }),
        row("d", { created: 4_000 }),
        row("stays", { created: 5_000, clients: [shop, forum] }),
      ]);
      const id = await rowIdsOf(sessions);
      const clients = [byLogout("shop", "subject"), byLogout("forum", "subject")];
      const exceptSessionIds = ["stays"];
      await atomic.endSessions(step({ exceptSessionIds, notify: notices({ clients }) }));
      assert.deepEqual(
        await idsIn(outbox),
        [`subject:${id("b")}:shop`, `subject:${id("c")}:forum`].sort(),
      );
    },
  },
  {
    name: "uses the last created session in an id by subject, in every order of the step",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      for (const order of ["oldest", "expiry"] as const) {
        const { sessions, outbox, atomic } = await open();
        // In reverse in the order of expiry, and in groups of one instant.
        const rows = times(9, (n) =>
          row(`${n}`, {
            created: 1_000 + Math.floor(n / 3),
            expires: 9_000 - Math.floor(n / 3),
            clients: [{ clientId: "shop" }],
          }),
        );
        await createAll(sessions, rows);
        const { oldest } = await placesIn(sessions);
        const id = await rowIdsOf(sessions);
        const notify = notices({ clients: [byLogout("shop", "subject")] });
        const result = await atomic.endSessions(step({ order, notify }));
        assert.equal(result.recorded, 1, order);
        assert.deepEqual(await idsIn(outbox), [`subject:${id(at(oldest.keys, -1))}:shop`], order);
      }
    },
  },
  {
    name: "notifies by subject once per step",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const clients = [{ clientId: "shop" }];
      await createAll(
        sessions,
        ["a", "b", "c"].map((key, n) => row(key, { created: 1_000 + n, clients })),
      );
      const id = await rowIdsOf(sessions);
      const notify = notices({ clients: [byLogout("shop", "subject")] });
      const results = await endAll(atomic, step({ limit: 2, notify }));
      assert.deepEqual(results.flatMap(endedIn), ["a", "b", "c"]);
      assert.deepEqual(
        results.flatMap(noticesIn).map((entry) => entry.id),
        [`subject:${id("b")}:shop`, `subject:${id("c")}:shop`],
      );
      assert.equal((await idsIn(outbox)).length, 2);
    },
  },
  {
    name: "notifies two subjects with the same session id, each of its own session",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      for (const by of ["session", "subject"] as const) {
        const { sessions, outbox, atomic } = await open();
        const clients = [{ clientId: "shop" }];
        await createAll(sessions, [
          row("a", { sessionId: "shared", clients }),
          row("b", { sessionId: "shared", clients, subjectId: "bob" }),
        ]);
        const id = await rowIdsOf(sessions);
        const notify = notices({ clients: [{ clientId: "shop", by, ways: [{ kind: "logout" }] }] });
        assert.equal((await atomic.endSessions(step({ notify }))).recorded, 2);
        const sid = by === "session" ? { sessionId: "shared" } : {};
        const expected = [
          notice(`${by}:${id("a")}:shop`, sid),
          notice(`${by}:${id("b")}:shop`, { ...sid, subjectId: "bob" }),
        ].sort(byId);
        assert.deepEqual(await claimedFrom(outbox), expected, by);
      }
    },
  },
  {
    name: "records a notification for each way of a client, and none without ways",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const clientIds = ["both", "event", "silent", "both by subject"];
      await createAll(sessions, [
        row("a", {
          clients: clientIds.map((clientId) => ({ clientId })),
          issuer: ISSUERS[0],
        }),
      ]);
      const id = (await rowIdsOf(sessions))("a");
      const both: ClientNotices["ways"] = [
        { kind: "logout", logoutUri: LOGOUT_URI },
        { kind: "session_revoked" },
      ];
      const clients: ClientNotices[] = [
        { clientId: "both", by: "session", ways: both },
        { clientId: "both by subject", by: "subject", ways: [...both].reverse() },
        {
          clientId: "event",
          by: "session",
          ways: [{ kind: "session_revoked", logoutUri: "https://events.example.com" }],
        },
        { clientId: "silent", by: "session", ways: [] },
        { clientId: "not in this session", by: "session", ways: both },
      ];
      const result = await atomic.endSessions(step({ notify: notices({ clients }) }));
      const common = { issuer: ISSUERS[0], sessionId: "a" };
      const bySubject = { clientId: "both by subject", issuer: ISSUERS[0] };
      const expected = [
        notice(`session:${id}:both`, { ...common, clientId: "both", logoutUri: LOGOUT_URI }),
        notice(`event:session:${id}:both`, {
          ...common,
          clientId: "both",
          kind: "session_revoked",
        }),
        notice(`event:session:${id}:event`, {
          ...common,
          clientId: "event",
          kind: "session_revoked",
          logoutUri: "https://events.example.com",
        }),
        notice(`subject:${id}:both by subject`, { ...bySubject, logoutUri: LOGOUT_URI }),
        notice(`event:subject:${id}:both by subject`, { ...bySubject, kind: "session_revoked" }),
      ].sort(byId);
      assert.equal(result.recorded, 5);
      assert.deepEqual(noticesIn(result), expected);
      assert.deepEqual(await claimedFrom(outbox), expected);
    },
  },
  {
    name: "notifies unlisted clients only if `others` is set",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const members = {
        issuer: ISSUERS[0],
        clients: [
          { clientId: "listed" },
          { clientId: "other" },
          { clientId: "another", sessionId: "own sid" },
        ],
      };
      await createAll(sessions, [row("a", members), row("b", members)]);
      const id = await rowIdsOf(sessions);
      const clients = [byLogout("listed", "session")];
      const few = await atomic.endSessions(
        step({ keys: ["a"], notify: notices({ clients, others: false }) }),
      );
      assert.equal(few.recorded, 1);
      assert.deepEqual(await idsIn(outbox), [`session:${id("a")}:listed`]);
      const all = await atomic.endSessions(
        step({ keys: ["b"], notify: notices({ clients, others: true }) }),
      );
      assert.equal(all.recorded, 3);
      assert.deepEqual(
        noticesIn(all),
        [
          notice(`session:${id("b")}:another`, {
            clientId: "another",
            sessionId: "own sid",
            issuer: ISSUERS[0],
          }),
          notice(`session:${id("b")}:listed`, {
            clientId: "listed",
            sessionId: "b",
            issuer: ISSUERS[0],
            logoutUri: LOGOUT_URI,
          }),
          notice(`session:${id("b")}:other`, {
            clientId: "other",
            sessionId: "b",
            issuer: ISSUERS[0],
          }),
        ].sort(byId),
      );
      assert.equal((await idsIn(outbox)).length, 4);
    },
  },
  {
    name: "returns as many of the recorded notifications as requested",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      for (const [returned, expected] of [
        [0, 0],
        [1, 1],
        [3, 3],
        [4, 4],
        [9, 4],
      ] as const) {
        const { sessions, outbox, atomic } = await open();
        const clients = [{ clientId: "shop" }, { clientId: "forum" }];
        await createAll(sessions, [row("a", { clients }), row("b", { clients })]);
        const result = await atomic.endSessions(step({ notify: notices({ returned }) }));
        assert.equal(result.recorded, 4, `${returned} asked for`);
        assert.equal(result.notifications.length, expected, `${returned} asked for`);
        const recorded = await claimedFrom(outbox);
        assert.equal(recorded.length, 4);
        const ids = noticesIn(result).map((entry) => entry.id);
        assert.deepEqual(
          noticesIn(result),
          recorded.filter(({ id }) => ids.includes(id)),
          "they are those in the outbox, each once",
        );
      }
    },
  },
  {
    name: "records the earliest claim time of a notification",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const clients = [{ clientId: "shop" }];
      await createAll(sessions, [row("a", { clients }), row("b", { clients })]);
      const id = await rowIdsOf(sessions);
      await atomic.endSessions(step({ keys: ["a"], notify: notices({ notBefore: 9_000 }) }));
      await atomic.endSessions(step({ keys: ["b"], notify: notices() }));
      const delivery = (key: string, nextAttempt: number) => ({
        id: `session:${id(key)}:shop`,
        clientId: "shop",
        subjectId: "alice",
        sessionId: key,
        state: "pending",
        attempts: 0,
        nextAttempt: new Date(nextAttempt),
      });
      // The list may contain the kind `logout` or omit it.
      const listed = (await outbox.list({})).map(({ kind: _, ...delivery }) => delivery);
      assert.deepEqual(listed, [delivery("a", 9_000), delivery("b", RECORDED)].sort(byId));
      const claim = async (now: number) =>
        (await outbox.claim({ now, limit: 10, leaseFor: 10_000 })).map((entry) => entry.sessionId);
      assert.deepEqual(await claim(RECORDED - 1), []);
      assert.deepEqual(await claim(8_999), ["b"]);
      assert.deepEqual(await claim(9_000), ["a"]);
    },
  },
  {
    name: "makes the ids of notifications from unchanged client ids",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      for (const by of ["session", "subject"] as const) {
        const { sessions, outbox, atomic } = await open();
        const clients = ODD_CLIENT_IDS.map((clientId) => ({ clientId }));
        await createAll(sessions, [row("a", { clients }), row("b", { created: 2_000, clients })]);
        const id = await rowIdsOf(sessions);
        const notify = notices({
          // Every third client is not listed, so it is notified by session.
          clients: ODD_CLIENT_IDS.filter((_, n) => n % 3 > 0).map((clientId) => ({
            clientId,
            by,
            ways: [{ kind: "session_revoked" }, { kind: "logout" }],
          })),
        });
        const found = await atomic.clientsOf(step());
        assert.deepEqual([...found].sort(), [...ODD_CLIENT_IDS].sort());
        await atomic.endSessions(step({ notify }));
        const expected = ODD_CLIENT_IDS.flatMap((clientId, n) => {
          const bySession = ["a", "b"].map((key) => `session:${id(key)}:${clientId}`);
          const ids = by === "subject" ? [`subject:${id("b")}:${clientId}`] : bySession;
          return n % 3 > 0 ? ids.flatMap((id) => [id, `event:${id}`]) : bySession;
        });
        assert.deepEqual(await idsIn(outbox), expected.sort(), by);
        for (const { id, clientId } of await claimedFrom(outbox)) {
          assert.ok(id.endsWith(`:${clientId}`), `${clientId} in ${id}`);
        }
      }
    },
  },
  {
    name: "makes the ids of notifications from the row ids of every list",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(8, (n) => `${n}`);
      await createAll(
        sessions,
        keys.map((key, n) =>
          row(key, {
            created: 1_000 + (n % 3),
            expires: 9_000 - (n % 2),
            clients: [{ clientId: "shop" }],
          }),
        ),
      );
      const [id, sameId] = [await rowIdsOf(sessions), await rowIdsOf(sessions, "expiry")];
      assert.deepEqual(keys.map(sameId), keys.map(id), "one id in every order");
      const steps = { limit: 4, notify: notices() };
      await atomic.endSessions(step({ ...steps, order: "expiry" }));
      await atomic.endSessions(step({ ...steps, order: "oldest" }));
      const expected = keys.map((key) => [`session:${id(key)}:shop`, key] as const);
      const recorded = (await claimedFrom(outbox)).map((entry) => [entry.id, entry.sessionId]);
      assert.deepEqual(recorded, expected.sort());
    },
  },
  {
    name: "keeps a recorded notification unchanged, and doesn't count it",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      for (const by of ["session", "subject"] as const) {
        const { sessions, outbox, atomic } = await open();
        const clients = ["settled", "pending", "new"].map((clientId) => ({ clientId }));
        await createAll(sessions, [row("a", { clients })]);
        const id = (await rowIdsOf(sessions))("a");
        const ids = ["settled", "pending"].map((clientId) => `${by}:${id}:${clientId}`);
        await outbox.add(ids.map((id) => notification(id, { clientId: "first", created: 500 })));
        await outbox.settle(at(ids, 0), { state: "delivered", status: 204 }, 2_000);
        const before = await outbox.list({});
        const notify = notices({
          clients: clients.map(({ clientId }) => byLogout(clientId, by)),
        });
        const result = await atomic.endSessions(step({ notify }));
        assert.equal(result.ended, 1);
        assert.equal(result.recorded, 1);
        const newId = `${by}:${id}:new`;
        assert.deepEqual(
          result.notifications.map((entry) => entry.id),
          [newId],
        );
        const after = await outbox.list({});
        assert.deepEqual(
          after.filter((entry) => entry.id !== newId),
          before,
        );
        assert.equal(after.length, 3);
        assert.deepEqual(
          (await claimedFrom(outbox)).map(({ id, clientId, created }) => [id, clientId, created]),
          [
            [newId, "new", RECORDED],
            [at(ids, 1), "first", 500],
          ].sort(),
        );
      }
    },
  },
  {
    name: "records nothing without sessions, and nothing without `notify`",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const clients = [{ clientId: "shop" }];
      await createAll(sessions, [row("a", { clients }), row("b")]);
      const notify = notices({ clients: [byLogout("shop", "session"), byLogout("b", "subject")] });
      const nothing = await atomic.endSessions(step({ keys: ["unknown"], notify }));
      assert.deepEqual(nothing, NOTHING_ENDED);
      const withoutClients = await atomic.endSessions(step({ keys: ["b"], notify }));
      assert.equal(withoutClients.ended, 1);
      assert.equal(withoutClients.recorded, 0);
      const notAsked = await atomic.endSessions(step({ keys: ["a"] }));
      assert.equal(notAsked.ended, 1);
      assert.equal(notAsked.recorded, 0);
      assert.deepEqual(notAsked.notifications, []);
      assert.deepEqual(await outbox.list({}), []);
    },
  },
  {
    name: "notifies the clients that a session has when it ends",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      await createAll(sessions, [
        row("a", { clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "old" }] }),
      ]);
      const id = (await rowIdsOf(sessions))("a");
      await sessions.addClient("a", { clientId: "late" }, 0);
      await sessions.addClient("a", { clientId: "forum", sessionId: "new" }, 0);
      await sessions.update("a", { subjectId: "bob", sessionId: "b", issuer: ISSUERS[1] });
      await atomic.endSessions(step({ notify: notices() }));
      const common = { subjectId: "bob", issuer: ISSUERS[1] };
      assert.deepEqual(await claimedFrom(outbox), [
        notice(`session:${id}:forum`, { ...common, clientId: "forum", sessionId: "new" }),
        notice(`session:${id}:late`, { ...common, clientId: "late", sessionId: "b" }),
        notice(`session:${id}:shop`, { ...common, sessionId: "b" }),
      ]);
    },
  },
  {
    name: "records thousands of notifications",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(450, (n) => `key ${n}`);
      const clients = times(5, (n) => ({ clientId: `client ${n}` }));
      await createAll(
        sessions,
        keys.map((key) => row(key, { clients })),
      );
      const id = await rowIdsOf(sessions);
      const notify = notices({
        clients: [byLogout("client 0", "session"), byLogout("client 1", "subject")],
        returned: 7,
      });
      const results = await endAll(atomic, step({ limit: 1_000, details: false, notify }));
      const steps = results.filter(({ ended }) => ended > 0);
      const counted = results.reduce((sum, { recorded }) => sum + recorded, 0);
      // By session for four clients, and by subject once per step.
      assert.equal(counted, 4 * keys.length + steps.length);
      for (const { notifications } of steps) assert.equal(notifications.length, 7);
      const bySession = keys.flatMap((key) =>
        [0, 2, 3, 4].map((n) => `session:${id(key)}:client ${n}`),
      );
      const ids = await idsIn(outbox);
      assert.deepEqual(
        ids.filter((id) => id.startsWith("session:")),
        bySession.sort(),
      );
      assert.equal(ids.filter((id) => id.startsWith("subject:")).length, steps.length);
    },
  },
];
