// Arguments that the stores of this package would misread. Each is refused with its name, and
// nothing is changed.
import { strict as assert } from "node:assert";
import { inspect } from "node:util";
import { casesOn } from "./open-case.mjs";
import { fullSession, grant, notification, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";

/** The key of a session in the form that the stores expect, and the key of another session. */
const KEY = "a".repeat(64);
const OTHER = "b".repeat(64);

const NO_OBJECTS = [undefined, null, 5, "a", [], [{}], new Map(), Promise.resolve({})];
/** Strings that some database can't store. */
const UNSTORABLE = ["a\0", "a\ud800", "\udc00a"];
const NO_STRINGS = [undefined, null, 5, ["a"], {}, ...UNSTORABLE];
/** Longer than any store accepts. */
const LONG = "x".repeat(16_001);
/** The last ones could be cookie values. */
const NO_KEYS = [
  ...NO_STRINGS,
  "",
  "a",
  `${KEY}a`,
  KEY.slice(1),
  ` ${KEY.slice(1)}`,
  `${KEY}\n`,
  KEY.toUpperCase(),
  "g".repeat(64),
  "é".repeat(64),
];
// biome-ignore lint/suspicious/noSparseArray: a hole must be checked too
const NO_LISTS = [undefined, null, 5, "ab", {}, new Set(["a"]), [5], [undefined], [, "a"]];
/** In a change, an `undefined` key means no change. */
const NO_NEW_KEYS = NO_KEYS.filter((key) => key !== undefined);
const NO_KEY_LISTS = [...NO_LISTS, ...NO_KEYS.slice(NO_STRINGS.length).map((key) => [KEY, key])];
const NO_TIMES = [undefined, null, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1", {}];
const NO_COUNTS = [-1, 1.5, Number.NaN, "5", {}];

const page = (members) => ({ filter: {}, order: "newest", limit: 5, ...members });
const pick = (members) => step({ keys: [KEY], ...members });
const client = (members) => ({ ...notified("shop", "session"), ...members });
const claim = (members) => ({ now: 1_000, limit: 5, leaseFor: 5, ...members });
const settledBefore = (members) => ({ delivered: 1_000, failed: 1_000, ...members });

const SURPLUS = { keep: 1, by: "created", activeAt: 1_000 };
const NO_CONDITIONS = {
  subjectId: NO_STRINGS.slice(1),
  sessionId: NO_STRINGS.slice(1),
  expires: NO_TIMES.slice(2),
  renewed: NO_TIMES.slice(1),
  expiredAt: NO_TIMES.slice(1),
  issuer: ["a"],
};

/** The longest part of a given key that an error may contain. */
const HALF_A_KEY = /a{32}|A{32}|g{32}|é{32}/;

/** Calls with one wrong member each. */
const each = (call, make, members) =>
  Object.entries(members).flatMap(([name, values]) =>
    values.map((value) => [call, make({ [name]: value }), `\`${name}\``]),
  );
const only = (call, values, name) => values.map((value) => [call, value, name]);

/** Calls with one wrong argument, and the name that the error must contain. */
const WRONG = [
  ...only(({ sessions }, wrong) => sessions.create(wrong), NO_OBJECTS, "the session"),
  ...each(
    ({ sessions }, wrong) => sessions.create(wrong),
    (members) => session(OTHER, members),
    {
      key: NO_KEYS,
      scheme: [...NO_STRINGS, LONG],
      subjectId: [...NO_STRINGS, LONG],
      sessionId: [...NO_STRINGS, LONG],
      displayName: [5, LONG, ...UNSTORABLE],
      displayNameFolded: [[], LONG, ...UNSTORABLE],
      issuer: [{}, LONG, ...UNSTORABLE],
      ipAddress: [true, LONG, ...UNSTORABLE],
      userAgent: [5, LONG, ...UNSTORABLE],
      ticket: [{}, ...UNSTORABLE],
      created: NO_TIMES,
      renewed: NO_TIMES,
      expires: NO_TIMES.slice(2),
      clients: [...NO_LISTS, ["shop"], [{ sessionId: "a" }], [{ clientId: "shop", sessionId: 5 }]],
      attributes: [
        ...[5, [], new Map(), { device: 5 }],
        ...UNSTORABLE.flatMap((text) => [{ device: text }, { [text]: "a" }]),
      ],
    },
  ),
  ...only(({ sessions }, wrong) => sessions.get(wrong), NO_KEYS, "the key"),
  ...only(({ sessions }, wrong) => sessions.update(wrong, {}), NO_KEYS, "the key"),
  ...only(({ sessions }, wrong) => sessions.update(KEY, { key: wrong }), NO_NEW_KEYS, "`key`"),
  ...only(({ sessions }, wrong) => sessions.update(KEY, wrong), NO_OBJECTS, "the change"),
  ...each(
    ({ sessions }, wrong) => sessions.update(KEY, wrong),
    (members) => members,
    {
      renewed: NO_TIMES.slice(2),
      expires: ["never"],
      subjectId: [5, LONG, ...UNSTORABLE],
      displayName: [LONG, ...UNSTORABLE],
      userAgent: [LONG, ...UNSTORABLE],
      ticket: UNSTORABLE,
      attributes: [new Map()],
    },
  ),
  ...only(
    ({ sessions }, wrong) => sessions.addClient(wrong, { clientId: "shop" }, 0),
    NO_KEYS,
    "the key",
  ),
  ...only(({ sessions }, wrong) => sessions.addClient(KEY, wrong, 0), NO_OBJECTS, "the client"),
  ...only(
    ({ sessions }, wrong) => sessions.addClient(KEY, { clientId: wrong }, 0),
    [...NO_STRINGS, LONG],
    "`clientId`",
  ),
  ...only(
    ({ sessions }, wrong) => sessions.addClient(KEY, { clientId: "a", sessionId: wrong }, 0),
    [LONG, ...UNSTORABLE],
    "`sessionId`",
  ),
  ...only(
    ({ sessions }, wrong) => sessions.addClient(KEY, { clientId: "shop" }, wrong),
    NO_TIMES,
    "`now`",
  ),
  ...only(({ sessions }, wrong) => sessions.list(wrong), NO_OBJECTS, "the request for a page"),
  ...each(({ sessions }, wrong) => sessions.list(wrong), page, {
    order: [undefined, null, "created", "constructor", ["newest"]],
    limit: [undefined, null, 0, ...NO_COUNTS],
    fromEnd: ["true", 1],
  }),
  ...only(
    ({ sessions }, wrong) => sessions.list(page({ filter: wrong })),
    NO_OBJECTS,
    "the filter",
  ),
  ...only(({ sessions }, wrong) => sessions.count(wrong), NO_OBJECTS, "the filter"),
  ...each(
    ({ sessions }, wrong) => sessions.count(wrong),
    (members) => members,
    {
      subjectId: ["alice", null, {}, { equals: 5 }, { equals: "a", contains: "b" }, ["alice"]],
      sessionId: [{ equals: null }, new Map([["equals", "a"]])],
      clientId: [5, null, ["shop"]],
      issuer: [{}],
      issuers: ["a", {}, [], [5], ["a", "b\0"]],
      created: [new Date(), 5, null, { after: new Date() }, { before: "2026-01-01" }],
      expires: [{ after: Number.NaN }],
      activeAt: ["now", Number.NaN],
    },
  ),
  ...only(({ sessions }, wrong) => sessions.count({}, wrong), NO_COUNTS, "`upTo`"),
  ...only(({ sessions }, wrong) => sessions.remove(wrong), NO_KEY_LISTS, "the keys"),
  ...only(({ grants }, wrong) => grants.get(wrong), [undefined, null, 5], "the key"),
  ...each(
    ({ grants }, wrong) => grants.store(wrong),
    (members) => grant("token", members),
    {
      key: [...NO_STRINGS, LONG],
      type: [...NO_STRINGS, LONG],
      clientId: [...NO_STRINGS, LONG],
      subjectId: [5, LONG, ...UNSTORABLE],
      sessionId: [5, LONG, ...UNSTORABLE],
      description: [5, LONG, ...UNSTORABLE],
      data: NO_STRINGS,
    },
  ),
  ...["list", "count", "remove"].flatMap((method) => [
    ...only(({ grants }, wrong) => grants[method](wrong), NO_OBJECTS, "the grant filter"),
    ...each(
      ({ grants }, wrong) => grants[method](wrong),
      (members) => ({ types: ["refresh_token"], ...members }),
      {
        // If `null` were read as absent, the tokens of all subjects would be removed.
        subjectId: [null, 5, ["alice"]],
        sessionId: [null],
        clientIds: NO_LISTS.slice(1),
        types: NO_LISTS.slice(1),
      },
    ),
  ]),
  ...only(({ outbox }, wrong) => outbox.add(wrong), [...NO_LISTS, ["n"]], "the entries"),
  ...each(
    ({ outbox }, wrong) => outbox.add([wrong]),
    (members) => notification("n", members),
    {
      id: [...NO_STRINGS, LONG],
      clientId: [...NO_STRINGS, LONG],
      subjectId: [5, LONG, ...UNSTORABLE],
      sessionId: [5, LONG, ...UNSTORABLE],
      issuer: [5, LONG, ...UNSTORABLE],
      kind: ["letter", 5],
      reason: [undefined, "bored"],
      attempt: [undefined, ...NO_COUNTS],
      created: NO_TIMES,
      notBefore: NO_TIMES.slice(2),
      logoutUri: [5, LONG, ...UNSTORABLE],
    },
  ),
  ...only(({ outbox }, wrong) => outbox.claim(wrong), NO_OBJECTS, "the request to claim"),
  ...each(({ outbox }, wrong) => outbox.claim(wrong), claim, {
    now: NO_TIMES,
    limit: [undefined, ...NO_COUNTS],
    leaseFor: [undefined, ...NO_COUNTS],
  }),
  ...only(
    ({ outbox }, wrong) => outbox.settle(wrong, { state: "delivered" }, 1_000),
    NO_STRINGS,
    "the id",
  ),
  ...only(({ outbox }, wrong) => outbox.settle("m", wrong, 1_000), NO_OBJECTS, "the result"),
  ...only(
    ({ outbox }, wrong) => outbox.settle("m", { state: "delivered" }, wrong),
    NO_TIMES,
    "`now`",
  ),
  ...only(({ outbox }, wrong) => outbox.prune(wrong, 5), NO_OBJECTS, "`settledBefore`"),
  ...each(({ outbox }, wrong) => outbox.prune(wrong, 5), settledBefore, {
    delivered: [undefined, ...NO_TIMES],
    failed: [undefined, ...NO_TIMES],
  }),
  ...only(({ outbox }, wrong) => outbox.prune(settledBefore(), wrong), NO_COUNTS, "`limit`"),
  ...only(({ grants }, wrong) => grants.removeExpired(wrong, 5), NO_TIMES, "`now`"),
  ...only(({ grants }, wrong) => grants.removeExpired(1_000, wrong), NO_COUNTS, "`limit`"),
  ...only(({ sessions }, wrong) => sessions.forgetDevices(wrong, 5), NO_TIMES, "`createdBefore`"),
  ...only(({ sessions }, wrong) => sessions.forgetDevices(1_000, wrong), NO_COUNTS, "`limit`"),
  ...each(
    ({ outbox }, wrong) => outbox.settle("m", wrong, 1_000),
    (members) => ({ state: "failed", error: "busy", ...members }),
    {
      state: [undefined, "skipped", "constructor"],
      error: NO_STRINGS,
      status: ["200", 1.5],
    },
  ),
  ...each(
    ({ outbox }, wrong) => outbox.settle("m", wrong, 1_000),
    (members) => ({ state: "pending", error: "busy", nextAttempt: 5, ...members }),
    { error: NO_STRINGS, nextAttempt: [undefined, ...NO_TIMES] },
  ),
  ...only(({ outbox }, wrong) => outbox.list(wrong), NO_OBJECTS, "the outbox filter"),
  ...only(({ outbox }, wrong) => outbox.list({ state: wrong }), ["lost", null, 5], "`state`"),
  ...only(({ outbox }, wrong) => outbox.list({ id: wrong }), [null, 5], "`id`"),
  ...only(
    ({ outbox }, wrong) => outbox.list({ issuers: wrong }),
    ["a", null, [], [5], ["a\0"]],
    "`issuers`",
  ),
  ...only(({ outbox }, wrong) => outbox.list({}, wrong), [5, {}], "`after`"),
  ...only(({ outbox }, wrong) => outbox.list({}, "", wrong), NO_COUNTS, "`limit`"),
  ...only(({ outbox }, wrong) => outbox.retry(wrong, 1_000), NO_STRINGS, "the id"),
  ...only(({ outbox }, wrong) => outbox.retry("m", wrong), NO_TIMES, "`now`"),
  ...["endSessions", "clientsOf"].flatMap((method) => {
    const call = ({ atomic }, wrong) => atomic[method](wrong);
    return [
      ...only(call, NO_OBJECTS, "the step"),
      ...NO_OBJECTS.map((filter) => [call, pick({ filter }), "the filter"]),
      ...each(call, pick, {
        keys: NO_KEY_LISTS.slice(2),
        exceptSessionIds: NO_LISTS.slice(2),
        order: [undefined, "newest", 5],
        limit: [undefined, 0, ...NO_COUNTS],
        after: [5],
      }),
      ...each(call, (surplus) => pick({ surplus: { ...SURPLUS, ...surplus } }), {
        keep: [undefined, ...NO_COUNTS],
        by: [undefined, "expires"],
        activeAt: NO_TIMES,
      }),
    ];
  }),
  ...each(({ atomic }, wrong) => atomic.endSessions(wrong), pick, {
    details: [1, "no"],
  }),
  ...each(
    ({ atomic }, wrong) => atomic.endSessions(wrong),
    (revoke) => pick({ revoke }),
    { matching: [...NO_LISTS.slice(2), [{ subjectId: null, types: ["refresh_token"] }]] },
  ),
  ...each(
    ({ atomic }, wrong) => atomic.endSessions(wrong),
    (ofSessions) => pick({ revoke: { ofSessions: { types: [], ...ofSessions } } }),
    {
      types: NO_LISTS,
      clientIds: NO_LISTS.slice(2),
      exceptClientIds: NO_LISTS.slice(2),
      ofParticipants: ["yes"],
    },
  ),
  ...each(
    ({ atomic }, wrong) => atomic.endSessions(wrong),
    (members) => pick({ notify: notices(members) }),
    {
      clients: NO_LISTS,
      others: [undefined, "no"],
      reason: [undefined, "boredom"],
      created: NO_TIMES,
      notBefore: NO_TIMES.slice(2),
      returned: [undefined, ...NO_COUNTS],
    },
  ),
  ...each(
    ({ atomic }, wrong) => atomic.endSessions(wrong),
    (members) => pick({ notify: notices({ clients: [client(members)] }) }),
    { clientId: NO_STRINGS, by: [undefined, "skip"], ways: NO_LISTS },
  ),
  ...only(({ atomic }, wrong) => atomic.admit(wrong, 5, 1_000), NO_OBJECTS, "the session"),
  ...each(
    ({ atomic }, wrong) => atomic.admit(wrong, 5, 1_000),
    (members) => session(OTHER, members),
    { key: NO_KEYS, subjectId: NO_STRINGS, created: NO_TIMES },
  ),
  ...only(
    ({ atomic }, wrong) => atomic.admit(session(OTHER), wrong, 1_000),
    [undefined, null, 0, ...NO_COUNTS],
    "`limit`",
  ),
  ...only(({ atomic }, wrong) => atomic.admit(session(OTHER), 5, wrong), NO_TIMES, "`now`"),
  ...only(
    ({ sessions }, wrong) => sessions.remove([KEY], wrong),
    [5, "a", [], new Map()],
    "the condition",
  ),
  ...each(
    ({ sessions }, wrong) => sessions.remove([KEY], wrong),
    (members) => members,
    NO_CONDITIONS,
  ),
  ...each(
    ({ sessions }, wrong) => sessions.update(KEY, { renewed: 9_000 }, wrong),
    (members) => members,
    NO_CONDITIONS,
  ),
];

/** Members of filters, defined on `Object.prototype` for every object without its own. */
const POLLUTION = [
  ...["subjectId", "sessionId", "displayName"].map((name) => [name, { equals: "alice" }]),
  ...["equals", "startsWith", "contains"].map((name) => [name, "alice"]),
  ...["clientId", "issuer", "ipAddress"].map((name) => [name, "none"]),
  ...["created", "renewed", "expires"].map((name) => [name, { before: 1 }]),
  ...[
    ["before", 1],
    ["after", 2 ** 45],
    ["activeAt", 2 ** 45],
    ["expiredAt", 1],
    ["search", { id: "none", name: "none" }],
    ["clientIds", ["none"]],
    ["types", ["none"]],
    ["state", "failed"],
    // Members of the values that stores derive from a filter.
    ["from", "5"],
    ["part", "none"],
    ["id", { before: "5" }],
    ["now", 2 ** 45],
    ["behind", { id: 2n ** 60n, expires: 2 ** 45 }],
    ["ahead", { id: 5n, expires: 5 }],
  ],
];

async function contents({ sessions, grants, outbox }) {
  return {
    sessions: await sessions.get(KEY),
    count: await sessions.count({}),
    grants: await grants.list({ types: ["refresh_token"] }),
    outbox: await outbox.list({}),
  };
}

/** The cases, for any test runner. `open` is the same as for the conformance kit. */
export function argumentCases(open) {
  const openCase = casesOn(open);

  return [
    openCase("no grant is found by a key that some database can't store", async ({ grants }) => {
      await grants.store(grant("a"));
      // The key of a token is user input, so it must not cause an error.
      for (const key of [...UNSTORABLE, LONG, ""]) assert.equal(await grants.get(key), undefined);
    }),

    openCase("a wrong argument is refused, and nothing is changed", async (stores) => {
      await stores.sessions.create(fullSession(KEY));
      await stores.grants.store(grant("token", { subjectId: "alice" }));
      await stores.outbox.add([notification("m")]);
      const before = await contents(stores);
      for (const [call, wrong, name] of WRONG) {
        const what = `${call}: ${inspect(wrong)}`;
        const error = await call(stores, wrong).then(
          () => assert.fail(`${what} was accepted`),
          (error) => error,
        );
        assert.equal(error.name, "RollcallError", `${what}: ${inspect(error)}`);
        assert.equal(error.code, "invalid_argument", what);
        assert.ok(error.message.includes(name), `${what}: ${error.message}`);
        assert.doesNotMatch(inspect(error), HALF_A_KEY, "the error may be logged");
      }
      assert.deepEqual(await contents(stores), before);
    }),

    openCase("an optional member that is null is stored as absent", async (stores) => {
      const { sessions, outbox } = stores;
      const nothing = { displayName: null, issuer: null, expires: null, attributes: null };
      await sessions.create(
        session(KEY, { ...nothing, clients: [{ clientId: "shop", sessionId: null }] }),
      );
      assert.deepEqual(await sessions.get(KEY), session(KEY, { clients: [{ clientId: "shop" }] }));
      await outbox.add([notification("n", { kind: null, logoutUri: null, notBefore: null })]);
      const [claimed] = await outbox.claim(claim({ now: 2_000 }));
      assert.deepEqual(claimed, notification("n"));
    }),

    openCase(
      "a member of a polluted `Object.prototype` is not read as part of a filter",
      async ({ sessions, grants, outbox }) => {
        await sessions.create(session(KEY, { subjectId: "alice" }));
        await sessions.create(session(OTHER, { subjectId: "bob" }));
        await grants.store(grant("token", { subjectId: "bob" }));
        await outbox.add([notification("n")]);
        const found = async () => ({
          all: await sessions.count({}),
          created: await sessions.count({ created: { after: 0 } }),
          expired: await sessions.count({ expiredAt: 2 ** 40 }),
          listed: await sessions.list({
            filter: { subjectId: { equals: "bob" } },
            order: "newest",
            limit: 5,
          }),
          grants: await grants.count({ subjectId: "bob" }),
          outbox: await outbox.list({}),
        });
        const clean = await found();
        assert.deepEqual([clean.all, clean.grants.tokens, clean.outbox.length], [2, 1, 1]);
        for (const [name, value] of POLLUTION) {
          for (const enumerable of [false, true]) {
            const member = { value, enumerable, configurable: true };
            Object.defineProperty(Object.prototype, name, member);
            try {
              assert.deepEqual(await found(), clean, name);
            } finally {
              Reflect.deleteProperty(Object.prototype, name);
            }
          }
        }
      },
    ),

    openCase("an unknown member is not stored", async ({ sessions, grants }) => {
      await sessions.create(session(KEY, { role: "admin" }));
      assert.deepEqual(await sessions.get(KEY), session(KEY));
      await grants.store(grant("a", { role: "admin" }));
      assert.deepEqual(await grants.get("a"), grant("a"));
    }),
  ];
}
