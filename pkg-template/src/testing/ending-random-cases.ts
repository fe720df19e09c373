/**
 * Random steps compared with the model, on random sessions, grants and notifications. A failure is
 * shrunk to the shortest sequence that still fails.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import fc from "fast-check";
import type {
  ClientNotices,
  EndedSessions,
  EndingGrants,
  EndingNotices,
  EndingPick,
  EndingStep,
  LogoutNotification,
  PersistedGrant,
  StoredSession,
  StoreFilter,
} from "../types.js";
import type { CaseContext, PortCase, Stores } from "./case.js";
import { clientIdsOf, grantsRemoved, matchingPick, noticesOf } from "./ending-model.js";
import {
  byId,
  claimedFrom,
  noticeForm,
  noticesIn,
  type Places,
  placesIn,
  rowIdsOf,
} from "./ending-samples.js";
import { countsOf, TYPES } from "./grant-model.js";
import { matches } from "./model.js";
import { at, byKey, grant, notification, session, sessionsIn } from "./samples.js";

/** The expected content of the stores. */
interface Contents {
  sessions: StoredSession[];
  grants: PersistedGrant[];
  /** None is settled or claimed before the end. */
  entries: LogoutNotification[];
}

/** A call on the stores and on the model; both must return the same. */
type Call =
  | { do: "admit"; session: StoredSession; limit: number; now: number }
  | { do: "addClient"; key: string; clientId: string; sessionId: string | undefined }
  | { do: "store"; grant: PersistedGrant }
  | { do: "record"; idOf: "session" | "subject"; session: number; clientId: string }
  | { do: "end"; step: EndingStep; after: number | undefined };

async function perform(
  stores: Stores,
  contents: Contents,
  call: Call,
  context: CaseContext,
): Promise<void> {
  switch (call.do) {
    case "admit":
      return await admit(stores, contents, call);
    case "addClient":
      return await addClient(stores, contents, call);
    case "store":
      contents.grants = [
        ...contents.grants.filter(({ key }) => key !== call.grant.key),
        call.grant,
      ];
      return await stores.grants.store(call.grant);
    case "record":
      return await record(stores, contents, call);
    case "end":
      return await end(stores, contents, call, context);
  }
}

async function admit(
  { atomic }: Stores,
  { sessions }: Contents,
  { session, limit, now }: Extract<Call, { do: "admit" }>,
): Promise<void> {
  const active = sessions.filter(
    (row) => row.subjectId === session.subjectId && matches({ activeAt: now }, row),
  );
  const isThere = sessions.some(({ key }) => key === session.key);
  // At the limit, a store may reject the key or report that there are too many.
  if (isThere && active.length >= limit) return;
  if (isThere) {
    await assert.rejects(async () => atomic.admit(session, limit, now));
    return;
  }
  assert.equal(await atomic.admit(session, limit, now), active.length < limit);
  if (active.length < limit) sessions.push(structuredClone(session));
}

async function addClient(
  stores: Stores,
  { sessions }: Contents,
  { key, clientId, sessionId }: Extract<Call, { do: "addClient" }>,
): Promise<void> {
  const client = { clientId, ...(sessionId !== undefined && { sessionId }) };
  const row = sessions.find((row) => row.key === key && matches({ activeAt: 0 }, row));
  assert.equal(await stores.sessions.addClient(key, client, 0), row !== undefined);
  const known = row?.clients.find((client) => client.clientId === clientId);
  if (known === undefined) row?.clients.push(client);
  else Object.assign(known, client);
}

/** Records a notification that a step may want to record later. */
async function record(
  stores: Stores,
  { sessions, entries }: Contents,
  { idOf, session, clientId }: Extract<Call, { do: "record" }>,
): Promise<void> {
  if (sessions.length === 0) return;
  const { key } = at(sessions, session % sessions.length);
  const rowId = (await rowIdsOf(stores.sessions))(key);
  const entry = notification(`${idOf}:${rowId}:${clientId}`, { clientId: "recorded before" });
  await stores.outbox.add([entry]);
  if (!entries.some(({ id }) => id === entry.id)) entries.push(entry);
}

async function end(
  stores: Stores,
  contents: Contents,
  { step: withoutAfter, after }: Extract<Call, { do: "end" }>,
  context: CaseContext,
): Promise<void> {
  const places = await placesIn(stores.sessions);
  const rowIdOf = await rowIdsOf(stores.sessions);
  const step = completeStep(withoutAfter, after, places, context);
  const matching = matchingPick(contents.sessions, step, places);
  const ended = matching.slice(0, step.limit);
  const removed = grantsRemoved(contents.grants, step.revoke ?? {}, ended);
  const due = step.notify === undefined ? [] : noticesOf(ended, step.notify, places, rowIdOf);
  const recorded = due.filter(({ id }) => !contents.entries.some((entry) => entry.id === id));

  const clients = await stores.atomic.clientsOf(step);
  assert.deepEqual([...clients].sort(), clientIdsOf(ended));
  const result = await stores.atomic.endSessions(step);

  assert.equal(result.ended, ended.length);
  assert.deepEqual(sessionsOf(result), step.details ? sessionsOf({ sessions: ended }) : undefined);
  assert.equal(result.recorded, recorded.length);
  assertReturned(result, recorded, step.notify?.returned ?? 0);
  const { tokens, consents, other } = result;
  assert.deepEqual({ tokens, consents, other }, countsOf(removed));
  if (matching.length > ended.length) assert.equal(result.more, true);
  if (ended.length === 0) assert.equal(result.more, false);
  const last = ended.at(-1)?.key;
  const { keys, positions } = places[step.order];
  assert.equal(result.last, last === undefined ? undefined : positions[keys.indexOf(last)]);

  contents.sessions = contents.sessions.filter((row) => !ended.includes(row));
  contents.grants = contents.grants.filter((grant) => !removed.includes(grant));
  contents.entries.push(...recorded);
}

/** The step with a position of this store, and without filters that the store doesn't support. */
function completeStep(
  step: EndingStep,
  after: number | undefined,
  places: Places,
  { serves }: CaseContext,
): EndingStep {
  const { positions } = places[step.order];
  const position = after === undefined ? undefined : positions[after % positions.length];
  return {
    ...step,
    filter: serves(step.filter) ? step.filter : {},
    ...(position !== undefined && { after: position }),
  };
}

type StoredIds = NonNullable<EndedSessions["sessions"]>[number];

function sessionsOf({ sessions }: Pick<EndedSessions, "sessions">): string[] | undefined {
  const form = ({ subjectId, sessionId, issuer }: StoredIds) =>
    JSON.stringify([subjectId, sessionId, issuer]);
  return sessions?.map(form).sort();
}

/** Checks that the requested number of recorded notifications was returned, each once. */
function assertReturned(
  result: EndedSessions,
  recorded: readonly LogoutNotification[],
  returned: number,
): void {
  assert.equal(result.notifications.length, Math.min(returned, recorded.length));
  const ids = result.notifications.map(({ id }) => id);
  const expected = recorded.filter(({ id }) => ids.includes(id)).map(noticeForm);
  assert.deepEqual(noticesIn(result), expected.sort(byId));
}

async function compareContents(
  stores: Stores,
  { sessions, grants, entries }: Contents,
): Promise<void> {
  assert.deepEqual(await sessionsIn(stores.sessions), [...sessions].sort(byKey));
  const storedGrants = await stores.grants.list({ types: TYPES });
  assert.deepEqual([...storedGrants].sort(byKey), [...grants].sort(byKey));
  const listed = await stores.outbox.list({});
  assert.deepEqual(
    listed.map(({ id, nextAttempt }) => [id, nextAttempt]),
    [...entries]
      .sort(byId)
      .map(({ id, created, notBefore }) => [id, new Date(notBefore ?? created)]),
  );
}

// Few values, so that sessions, grants and steps often match.
const time = fc.integer({ min: 0, max: 5 });
const key = fc.nat({ max: 13 }).map((n) => `key ${n}`);
const subjectId = fc.constantFrom("alice", "alice", "bob", "Alice");
const sessionId = fc.constantFrom("s1", "s:2", "it's 😀");
const clientId = fc.constantFrom("shop", "a:b", "a", 'b":\\');
const issuer = fc.constantFrom("https://id.example.com", "https://id.example.org");
const type = fc.constantFrom("refresh_token", "user_consent", "device_code");
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const someOf = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength });

const client = fc
  .record({ clientId, sessionId: maybe(sessionId) })
  .map(({ clientId, sessionId }) =>
    sessionId === undefined ? { clientId } : { clientId, sessionId },
  );

const newSession = fc
  .record(
    {
      key,
      subjectId,
      sessionId,
      issuer,
      created: time,
      renewed: time,
      expires: time,
      clients: fc.uniqueArray(client, { maxLength: 4, selector: ({ clientId }) => clientId }),
    },
    { requiredKeys: ["key", "subjectId", "sessionId", "created", "renewed", "clients"] },
  )
  .map(({ key, ...members }) => session(key, members));

const newGrant = fc
  .record(
    { key: fc.nat({ max: 39 }).map((n) => `grant ${n}`), subjectId, sessionId, clientId, type },
    { requiredKeys: ["key", "clientId", "type"] },
  )
  .map(({ key, ...members }) => grant(key, members));

const filter: fc.Arbitrary<StoreFilter> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: subjectId.map((subjectId) => ({ subjectId: { equals: subjectId } })) },
  {
    weight: 4,
    arbitrary: fc.oneof(
      sessionId.map((sessionId) => ({ sessionId: { equals: sessionId } })),
      subjectId.map((subjectId) => ({ subjectId: { startsWith: subjectId.slice(0, 1) } })),
      clientId.map((clientId) => ({ clientId })),
      issuer.map((issuer) => ({ issuer })),
      issuer.map((issuer) => ({ issuers: [issuer, "https://other.example.com"].sort() })),
      time.map((activeAt) => ({ activeAt })),
      time.map((expiredAt) => ({ expiredAt })),
      time.map((before) => ({ created: { before } })),
      fc
        .tuple(subjectId, time)
        .map(([subjectId, expiredAt]) => ({ subjectId: { equals: subjectId }, expiredAt })),
    ),
  },
);

const order = fc.constantFrom("oldest" as const, "expiry" as const);
const limit = fc.integer({ min: 1, max: 12 });

const pick: fc.Arbitrary<EndingPick> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ filter, order, limit }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { filter, order, limit, keys: someOf(key, 9), exceptSessionIds: someOf(sessionId, 2) },
      { requiredKeys: ["filter", "order", "limit"] },
    ),
  },
  {
    // The core requests a surplus in the order `oldest`, without keys and excluded sessions.
    weight: 2,
    arbitrary: fc.record({
      filter,
      surplus: fc.record({
        keep: fc.nat({ max: 3 }),
        by: fc.constantFrom("created" as const, "renewed" as const),
        activeAt: time,
      }),
      order: fc.constant("oldest" as const),
      limit,
    }),
  },
);

const clientNotices: fc.Arbitrary<ClientNotices> = fc.record({
  clientId,
  by: fc.constantFrom("subject" as const, "session" as const),
  ways: fc.uniqueArray(
    fc.record(
      {
        kind: fc.constantFrom("logout" as const, "session_revoked" as const),
        logoutUri: fc.constant("https://shop.example.com/logout"),
      },
      { requiredKeys: ["kind"] },
    ),
    { maxLength: 2, selector: ({ kind }) => kind },
  ),
});

const notify: fc.Arbitrary<EndingNotices> = fc.record(
  {
    clients: fc.uniqueArray(clientNotices, { maxLength: 4, selector: ({ clientId }) => clientId }),
    others: fc.boolean(),
    reason: fc.constantFrom("terminated" as const, "session_expiration" as const),
    created: time,
    notBefore: time,
    returned: fc.nat({ max: 5 }),
  },
  { requiredKeys: ["clients", "others", "reason", "created", "returned"] },
);

const ofSessions: fc.Arbitrary<NonNullable<EndingGrants["ofSessions"]>> = fc.oneof(
  fc.record({ types: fc.constant<string[]>([]) }),
  fc.record(
    {
      types: someOf<string>(type, 2),
      clientIds: someOf(clientId),
      exceptClientIds: someOf(clientId),
      ofParticipants: fc.boolean(),
    },
    { requiredKeys: ["types"] },
  ),
);

const matching = someOf(
  fc.oneof(
    fc.record({ subjectId }),
    fc.record({ subjectId, sessionId, clientIds: someOf(clientId) }),
    fc.record({ sessionId, types: fc.array(type, { minLength: 1, maxLength: 2 }) }),
  ),
  2,
);

const revoke: fc.Arbitrary<EndingGrants> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ofSessions }) },
  { weight: 1, arbitrary: fc.record({ matching, ofSessions }, { requiredKeys: [] }) },
);

const step: fc.Arbitrary<EndingStep> = fc
  .tuple(pick, fc.record({ notify, revoke, details: fc.boolean() }, { requiredKeys: ["details"] }))
  .map(([pick, rest]) => ({ ...pick, ...rest }));

const store = fc.record({ do: fc.constant("store" as const), grant: newGrant });

const admitWith = (limit: fc.Arbitrary<number>) =>
  fc.record({ do: fc.constant("admit" as const), session: newSession, limit, now: time });

const filling: fc.Arbitrary<Call> = fc.oneof(
  { weight: 5, arbitrary: admitWith(fc.constantFrom(1, 3, 100, 100, 100)) },
  { weight: 8, arbitrary: store },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("addClient" as const),
      key,
      clientId,
      sessionId: maybe(sessionId),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      idOf: fc.constantFrom("session" as const, "subject" as const),
      session: fc.nat(),
      clientId,
    }),
  },
);

const ending: fc.Arbitrary<Call> = fc.record({
  do: fc.constant("end" as const),
  step,
  after: fc.option(fc.nat({ max: 9 }), { nil: undefined, freq: 4 }),
});

/** Rounds that fill the stores before each step, because a step on an empty store tests little. */
const calls = fc
  .array(
    fc
      .tuple(fc.array(filling, { maxLength: 30, size: "max" }), ending)
      .map(([first, last]) => [...first, last]),
    { maxLength: 8, size: "max" },
  )
  .map((rounds) => rounds.flat());

const RUNS = 50;

export const endingRandomCases: readonly PortCase[] = [
  {
    name: "behaves like arrays, for random steps",
    needs: ["atomic.covers.grants", "atomic.covers.outbox"],
    run: async (context) => {
      const property = fc.asyncProperty(calls, async (calls) => {
        const stores = await context.open();
        const contents: Contents = { sessions: [], grants: [], entries: [] };
        for (const call of calls) {
          await perform(stores, contents, call, context);
          if (call.do === "end") await compareContents(stores, contents);
        }
        await compareContents(stores, contents);
        const entries = contents.entries.map(noticeForm).sort(byId);
        assert.deepEqual(await claimedFrom(stores.outbox), entries);
      });
      await fc.assert(property, { numRuns: fc.readConfigureGlobal().numRuns ?? RUNS });
    },
  },
];
