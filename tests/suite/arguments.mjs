import { host, injected, KEYS, signInBob } from "./host.mjs";

/** Arguments that are easily misread. Each is refused with its name, or read as intended. */
export function argumentCases(lib, assert) {
  return [
    {
      name: "an object that isn't plain is refused and never read as empty",
      async run() {
        const members = host(lib);
        const [cookie] = await signInBob(lib, members, 1);
        const management = new lib.SessionManagement(injected(members));
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        class Hidden {
          #subjectId = "nobody";
          read() {
            return this.#subjectId;
          }
        }
        const others = [
          new Map([["subjectId", "nobody"]]),
          new Set(["nobody"]),
          new Date(),
          new URLSearchParams({ subjectId: "nobody" }),
          Promise.resolve({ subjectId: "nobody" }),
          // biome-ignore lint/suspicious/noThenProperty: a query builder that was not awaited
          { then: (resolve) => resolve({ subjectId: "nobody" }) },
          new Hidden(),
          new Error("nobody"),
          new Uint8Array(8),
          ["nobody"],
          () => ({ subjectId: "nobody" }),
        ];
        if (typeof FormData === "function") others.push(new FormData());
        const refused = (promise) =>
          assert.rejects(promise, { name: "RollcallError", code: "invalid_argument" });
        for (const other of others) {
          await refused(management.querySessions(other));
          await refused(management.querySessions({ created: other, subjectId: "nobody" }));
          await refused(management.removeSessions(other));
          await refused(management.purgeSessions(other));
          await refused(management.purgeSessions({ filter: other, everything: true }));
          await refused(management.purgeSessions({ filter: { created: other, state: "active" } }));
          await refused(tickets.store(other));
          await refused(tickets.renew(cookie, other));
          assert.throws(() => new lib.SessionManagement(other), { code: "invalid_argument" });
        }
        assert.equal((await management.querySessions()).totalCount, 1);
      },
    },
    {
      name: "plain objects of every kind are read",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 1);
        const management = new lib.SessionManagement(injected(members));
        class Query {
          #subjectId;
          constructor(subjectId) {
            this.#subjectId = subjectId;
          }
          get subjectId() {
            return this.#subjectId;
          }
        }
        class Narrower extends Query {
          state = "active";
        }
        const total = async (query) => (await management.querySessions(query)).totalCount;
        for (const [subjectId, count] of [
          ["12345", 1],
          ["nobody", 0],
        ]) {
          assert.equal(await total({ subjectId }), count);
          assert.equal(await total(Object.assign(Object.create(null), { subjectId })), count);
          assert.equal(await total(Object.create({ subjectId })), count);
          assert.equal(await total(new Query(subjectId)), count);
          assert.equal(await total(new Narrower(subjectId)), count);
          assert.equal(await total(new Proxy({ subjectId }, {})), count);
        }
      },
    },
    {
      name: "members of a polluted `Object.prototype` are ignored",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 1);
        const names = ["subjectId", "everything", "onEvent", "capabilities", "sinal", "signal"];
        for (const name of names) {
          Object.defineProperty(Object.prototype, name, {
            value: "evil",
            configurable: true,
            writable: true,
          });
        }
        try {
          const management = new lib.SessionManagement(injected(members));
          assert.equal((await management.querySessions({})).totalCount, 1);
          await assert.rejects(management.removeSessions({}), { code: "empty_target" });
          await assert.rejects(management.purgeSessions({}), { code: "empty_target" });
        } finally {
          for (const name of names) delete Object.prototype[name];
        }
      },
    },
    {
      name: "instants that don't exist, have no zone or are in seconds are refused",
      async run() {
        const members = host(lib);
        const management = new lib.SessionManagement(injected(members));
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        for (const instant of [
          "2026-02-30",
          "2026-02-29T00:00:00Z",
          "2026-13-01",
          "2026-01-01T00:00:00",
          "2026-01-01T24:00:00Z",
          "2026-01-01 00:00:00Z",
          "1 January 2026",
          new Date(Number.NaN),
          8.64e15 + 1,
          true,
        ]) {
          const refused = { name: "RollcallError", code: "invalid_argument" };
          const created = { after: instant };
          await assert.rejects(management.querySessions({ created }), refused);
          await assert.rejects(tickets.store({ subjectId: "1", expires: instant }), refused);
        }
        await assert.rejects(
          management.querySessions({ expires: { before: Math.floor(Date.now() / 1_000) } }),
          { code: "invalid_argument" },
        );
      },
    },
    {
      name: "messages name the member and list the allowed values",
      async run() {
        const members = host(lib);
        const management = new lib.SessionManagement(injected(members));
        const message = async (promise) =>
          await promise.then(
            () => "nothing was refused",
            (error) => error.message,
          );
        assert.equal(
          await message(management.querySessions({ displayName: 5 })),
          "the query: `displayName` must be a string, or one of `{ equals }`, `{ startsWith }`, " +
            "`{ contains }`",
        );
        assert.equal(
          await message(management.querySessions({ count: true })),
          "the query: `count` must be `exact`, `capped` or `none`",
        );
        assert.equal(
          await message(management.querySessions({ created: { since: 0 } })),
          "the query: unknown option `since` in `created`; the options are `after`, `before`",
        );
        assert.equal(
          await message(management.removeSessions({ subjectId: "a", clientIds: ["web", 5] })),
          "the removal: `clientIds.1` must be a string",
        );
        assert.equal(
          await message(management.querySessions(Promise.resolve({}))),
          "the query must be a plain object and not a promise: await it first",
        );
        assert.throws(
          () => new lib.SessionCoordination(injected(members), { maxSessionsPerSubject: 1 }),
          {
            message:
              "the coordination options: `maxSessionsPerSubject` must be a plain object " +
              "`{ limit, policy }`",
          },
        );
        for (const text of [5, undefined, null, {}, "\ud800"]) {
          assert.throws(() => lib.foldText(text), { code: "invalid_argument" });
        }
        assert.equal(lib.foldText("Straße İ"), "straße i");
      },
    },
  ];
}
