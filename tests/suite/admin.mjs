/** Functions for admin APIs besides queries and removals, on every host. */

import { host, injected, NOW, timedHost } from "./host.mjs";

export function adminCases(lib, assert) {
  return [
    {
      name: "capabilities describe the host",
      async run() {
        const { sessions, grants, outbox, clients, sendLogout } = injected(host(lib));
        const of = (members) => new lib.SessionManagement(members).capabilities();
        const least = { filters: "all", count: true, grants: false };
        assert.deepEqual(of({ sessions }), { ...least, notifications: false, outbox: false });
        assert.deepEqual(of({ sessions, grants, outbox, clients }), {
          ...least,
          grants: true,
          notifications: true,
          outbox: true,
        });
        assert.deepEqual(of({ sessions, clients, sendLogout }), {
          ...least,
          notifications: true,
          outbox: false,
        });
        for (const lonely of [{ clients }, { sendLogout }, { outbox, sendLogout }]) {
          assert.equal(of({ sessions, ...lonely }).notifications, false);
        }
        const { count: _, ...uncounted } = sessions;
        const filters = ["subjectId", "displayName.contains"];
        const poor = { sessions: { ...uncounted, capabilities: { filters } } };
        const { filters: served, count } = of(poor);
        assert.deepEqual([served, count], [filters, false]);
        served.push("state");
        assert.deepEqual(of(poor).filters, filters, "each call returns a new list");
        assert.deepEqual(of({ sessions: { ...sessions, capabilities: {} } }).filters, "all");
      },
    },
    {
      name: "sessions are counted exactly, or up to a number",
      async run() {
        const { management, members, signIn, clock } = timedHost(lib);
        for (let number = 0; number < 12; number += 1) {
          await signIn("alice", `a${number}`, number < 5 ? ["web"] : []);
          clock.now += 60_000;
        }
        await signIn("bob", "b", ["web"]);
        const count = (query, options) => management.countSessions(query, options);
        assert.deepEqual(await count(), { count: 13 });
        assert.deepEqual(await count(null, null), { count: 13 });
        assert.deepEqual(await count({ clientId: "web", subjectId: " " }), { count: 6 });
        assert.deepEqual(await count({ subjectId: "alice", order: "oldest" }), { count: 12 });
        const hour = { after: NOW + 60_000, before: NOW + 180_000 };
        assert.deepEqual(await count({ created: hour }), { count: 2 });
        for (const [upTo, expected] of [
          [12, { count: 12 }],
          [1_000_000, { count: 12 }],
          [11, { count: 11, capped: true }],
          [1, { count: 1, capped: true }],
        ]) {
          assert.deepEqual(await count({ subjectId: "alice" }, { upTo }), expected);
        }
        const { count: _, ...sessions } = members.sessions;
        const uncounted = new lib.SessionManagement({ ...members, sessions });
        await assert.rejects(uncounted.countSessions(), { code: "not_configured" });
        const capabilities = { filters: ["subjectId"] };
        const poor = { ...members, sessions: { ...members.sessions, capabilities } };
        await assert.rejects(new lib.SessionManagement(poor).countSessions({ state: "active" }), {
          code: "unsupported_filter",
        });
      },
    },
    {
      name: "a count passes its signal and its limit plus one to the store",
      async run() {
        const { members } = timedHost(lib);
        const given = [];
        const count = (...input) => {
          given.push(input);
          return 3;
        };
        const sessions = { ...members.sessions, count };
        const management = new lib.SessionManagement({ ...members, sessions });
        const { signal } = new AbortController();
        await management.countSessions({ clientId: "web" }, { upTo: 3, signal });
        await management.countSessions({ clientId: "web" });
        assert.deepEqual(
          given.map(([filter, upTo, options]) => [filter, upTo, options?.signal === signal]),
          [
            [{ clientId: "web" }, 4, true],
            [{ clientId: "web" }, undefined, false],
          ],
        );
      },
    },
    {
      name: "the outbox is listed page by page",
      async run() {
        const timed = timedHost(lib);
        const clients = Array.from({ length: 205 }, (_, number) => `client${number}`);
        await timed.signIn("alice", "s1", clients);
        await timed.signIn("bob", "s2", ["web"]);
        const removing = new lib.SessionManagement({ ...timed.members, delivery: { wait: 0 } });
        for (const subjectId of ["alice", "bob"]) await removing.removeSessions({ subjectId });
        const { list } = timed.members.outbox;
        const limits = [];
        const outbox = {
          ...timed.members.outbox,
          list: (filter, after, limit) => {
            limits.push(limit);
            return list(filter, after, limit);
          },
        };
        const delivery = new lib.LogoutDelivery({ ...timed.members, outbox });
        const listed = [];
        for await (const entry of delivery.list()) listed.push(entry);
        assert.equal(listed.length, 206);
        assert.deepEqual(limits.splice(0), [101, 101, 101]);
        const paged = [];
        let after;
        do {
          const page = await delivery.page({}, { limit: 103, after });
          paged.push(...page.deliveries);
          assert.equal(page.deliveries.length, 103);
          assert.equal(
            "after" in page,
            paged.length < 206,
            "`after` is set only if there is another page",
          );
          after = page.after;
        } while (after !== undefined);
        assert.deepEqual(paged, listed);
        assert.deepEqual(limits, [104, 104]);
        const ofBob = await delivery.page({ subjectId: "bob", state: "pending" });
        assert.deepEqual(
          [ofBob.deliveries.map(({ clientId }) => clientId), "after" in ofBob],
          [["web"], false],
        );
        assert.deepEqual(await delivery.page({ clientId: "" }), { deliveries: [] });
        const [{ id }] = ofBob.deliveries;
        assert.deepEqual(await delivery.page({ subjectId: "bob" }, { after: id }), {
          deliveries: [],
        });
        assert.equal((await delivery.page(undefined, { limit: 1_000 })).deliveries.length, 206);
      },
    },
    {
      name: "a denied request emits an event",
      async run() {
        const { members, management, events } = timedHost(lib);
        const route = "POST /v1/sessions/purge";
        assert.equal(
          management.reportDenied({ route, actor: "carol", permission: "purge" }),
          undefined,
        );
        management.reportDenied({ route, actor: undefined, permission: null });
        assert.deepEqual(events, [
          { type: "admin_denied", at: new Date(NOW), actor: "carol", permission: "purge", route },
          { type: "admin_denied", at: new Date(NOW), route },
        ]);
        const { onEvent: _, ...deaf } = members;
        const unheard = new lib.SessionManagement(deaf);
        unheard.reportDenied({ route });
        assert.throws(() => unheard.reportDenied({ route: "" }), { code: "invalid_argument" });
      },
    },
  ];
}
