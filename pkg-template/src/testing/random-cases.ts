/**
 * Random sequences of calls compared with the model. A failure is shrunk to the shortest sequence
 * that still fails.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import fc from "fast-check";
import type {
  ClientSession,
  SessionCondition,
  StoredSession,
  StoredSessionChange,
  StoreFilter,
} from "../types.js";
import { type CaseContext, ORDERS, type Order, type PortCase, type Stores } from "./case.js";
import { arrangementOf, listed, matches, meets } from "./model.js";
import { at, byKey, LONG_TEXT, removedForm, session } from "./samples.js";

type Sessions = Stores["sessions"];

interface Page {
  filter: StoreFilter;
  order: Order;
  limit: number;
  from: "start" | "end" | "after" | "before";
  anchor: number;
}

/** A call on the store and on the model; both must return the same. */
type Call =
  | { do: "create"; session: StoredSession }
  | { do: "update"; key: string; change: StoredSessionChange; condition: SessionCondition }
  | { do: "addClient"; key: string; client: ClientSession; now: number }
  | { do: "remove"; keys: string[]; condition: SessionCondition }
  | { do: "list"; page: Page };

/** The expected sessions. */
type Rows = StoredSession[];

async function perform(
  sessions: Sessions,
  rows: Rows,
  call: Call,
  context: CaseContext,
): Promise<void> {
  switch (call.do) {
    case "create":
      return await create(sessions, rows, call.session);
    case "update":
      return await update(sessions, rows, call);
    case "addClient":
      return await addClient(sessions, rows, call);
    case "remove":
      return await remove(sessions, rows, call);
    case "list":
      return await comparePage(sessions, rows, call.page, context);
  }
}

async function create(sessions: Sessions, rows: Rows, session: StoredSession): Promise<void> {
  if (rows.some(({ key }) => key === session.key)) {
    await assert.rejects(
      async () => sessions.create(session),
      undefined,
      "the key is there already",
    );
    return;
  }
  await sessions.create(session);
  rows.push(structuredClone(session));
}

async function update(
  sessions: Sessions,
  rows: Rows,
  { key, change, condition }: Extract<Call, { do: "update" }>,
): Promise<void> {
  const row = rows.find((row) => row.key === key && meets(condition, row));
  assert.equal(await sessions.update(key, change, condition), row !== undefined);
  for (const [name, value] of Object.entries(row === undefined ? {} : change)) {
    if (value === null) Reflect.deleteProperty(row ?? {}, name);
    else Reflect.set(row ?? {}, name, value);
  }
}

async function addClient(
  sessions: Sessions,
  rows: Rows,
  { key, client, now }: { key: string; client: ClientSession; now: number },
): Promise<void> {
  const row = rows.find((row) => row.key === key && matches({ activeAt: now }, row));
  assert.equal(await sessions.addClient(key, client, now), row !== undefined);
  const known = row?.clients.find(({ clientId }) => clientId === client.clientId);
  if (known === undefined) row?.clients.push({ ...client });
  else if (client.sessionId !== undefined) known.sessionId = client.sessionId;
}

async function remove(
  sessions: Sessions,
  rows: Rows,
  { keys, condition }: Extract<Call, { do: "remove" }>,
): Promise<void> {
  const isRemoved = (row: StoredSession) => keys.includes(row.key) && meets(condition, row);
  const removed = await sessions.remove(keys, condition);
  const expected = rows.filter(isRemoved);
  assert.deepEqual(removed.map(removedForm).sort(byKey), expected.map(removedForm).sort(byKey));
  rows.splice(0, rows.length, ...rows.filter((row) => !isRemoved(row)));
}

/**
 * Compares one page, from a position that the store itself returned for a row of the whole list.
 */
async function comparePage(
  sessions: Sessions,
  rows: Rows,
  page: Page,
  { serves }: CaseContext,
): Promise<void> {
  const { order, limit, from, anchor } = page;
  const filter = serves(page.filter) ? page.filter : {};
  const expected = listed(rows, filter, order, await arrangementOf(sessions, rows));
  const whole = await sessions.list({ filter, order, limit: 1_000 });
  assert.deepEqual(whole.sessions, expected);
  assert.equal(await sessions.count(filter), rows.filter((row) => matches(filter, row)).length);
  if (expected.length === 0) return;
  const index = anchor % expected.length;
  const position = at(whole.positions, index);
  const { request, begin, end } = {
    start: { request: {}, begin: 0, end: limit },
    end: {
      request: { fromEnd: true },
      begin: Math.max(0, expected.length - limit),
      end: expected.length,
    },
    after: { request: { after: position }, begin: index + 1, end: index + 1 + limit },
    before: { request: { before: position }, begin: Math.max(0, index - limit), end: index },
  }[from];
  const found = await sessions.list({ filter, order, limit, ...request });
  assert.deepEqual(found.sessions, expected.slice(begin, end));
  assert.deepEqual(
    found.positions,
    whole.positions.slice(begin, end),
    "a row has one position, whatever page it is on",
  );
}

const word = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("a", "ab", "b", "%", "_", "ä", "😀", "\u{ffff}", "") },
  { weight: 1, arbitrary: fc.constant(LONG_TEXT) },
);
const key = fc.nat({ max: 14 }).map((n) => `key ${n}`);
const time = fc.integer({ min: 0, max: 12 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const client = fc
  .record({ clientId: word, sessionId: maybe(word) })
  .map(
    ({ clientId, sessionId }): ClientSession =>
      sessionId === undefined ? { clientId } : { clientId, sessionId },
  );

const newSession = fc
  .record(
    {
      subjectId: word,
      sessionId: word,
      created: time,
      renewed: time,
      expires: time,
      displayNameFolded: word,
      issuer: word,
      ipAddress: word,
      clients: fc.uniqueArray(client, { maxLength: 3, selector: ({ clientId }) => clientId }),
    },
    { requiredKeys: ["subjectId", "sessionId", "created", "renewed", "clients"] },
  )
  .chain((members) => key.map((key) => session(key, members)));

const change: fc.Arbitrary<StoredSessionChange> = fc.record(
  {
    subjectId: word,
    renewed: time,
    expires: fc.option(time),
    displayNameFolded: fc.option(word),
    ipAddress: fc.option(word),
  },
  { requiredKeys: [] },
);

/** Mostly with one member or none, because a condition with several is rarely met. */
const condition: fc.Arbitrary<SessionCondition> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.oneof(
      word.map((subjectId) => ({ subjectId })),
      word.map((sessionId) => ({ sessionId })),
      fc.option(time).map((expires) => ({ expires })),
      time.map((renewed) => ({ renewed })),
      time.map((expiredAt) => ({ expiredAt })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { expires: fc.option(time), renewed: time, expiredAt: time },
      { requiredKeys: [] },
    ),
  },
);

const text = word.chain((word) =>
  fc.constantFrom({ equals: word }, { startsWith: word }, { contains: word }),
);
/** Never without a bound: that is no filter, and the core omits it. */
const range = fc.oneof(
  fc.record({ after: time, before: time }),
  time.map((after) => ({ after })),
  time.map((before) => ({ before })),
);

/** Filters with one member each. */
const member: fc.Arbitrary<StoreFilter> = fc.oneof(
  text.map((subjectId) => ({ subjectId })),
  text.map((sessionId) => ({ sessionId })),
  text.map((displayName) => ({ displayName })),
  fc.record({ id: word, name: word }).map((search) => ({ search })),
  word.map((clientId) => ({ clientId })),
  word.map((issuer) => ({ issuer })),
  fc
    .uniqueArray(word, { minLength: 2, maxLength: 3 })
    .map((issuers) => ({ issuers: issuers.sort() })),
  word.map((ipAddress) => ({ ipAddress })),
  range.map((created) => ({ created })),
  range.map((renewed) => ({ renewed })),
  range.map((expires) => ({ expires })),
  time.map((activeAt) => ({ activeAt })),
  time.map((expiredAt) => ({ expiredAt })),
);

/**
 * With few members, because a filter with many matches nothing. Never active and expired together:
 * the core doesn't combine them.
 */
const filter: fc.Arbitrary<StoreFilter> = fc
  .tuple(member, fc.option(member, { nil: {} }))
  .map(([first, second]) => ({ ...second, ...first }))
  .filter(({ activeAt, expiredAt }) => activeAt === undefined || expiredAt === undefined);

const page: fc.Arbitrary<Page> = fc.record({
  filter: fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 4, arbitrary: filter }),
  order: fc.constantFrom(...ORDERS),
  limit: fc.integer({ min: 1, max: 6 }),
  from: fc.constantFrom("start" as const, "end" as const, "after" as const, "before" as const),
  anchor: fc.nat(),
});

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 6, arbitrary: newSession.map((session) => ({ do: "create" as const, session })) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("update" as const), key, change, condition }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("addClient" as const), key, client, now: time }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("remove" as const),
      keys: fc.array(key, { maxLength: 3 }),
      condition,
    }),
  },
  { weight: 8, arbitrary: page.map((page) => ({ do: "list" as const, page })) },
);

const RUNS = 40;
/**
 * Any length, where short sequences would be likely, so that there are sessions most of the time.
 */
const CALLS = { maxLength: 70, size: "max" } as const;

export const randomCases: readonly PortCase[] = [
  {
    name: "behaves like an array, for random calls",
    run: async (context) => {
      const property = fc.asyncProperty(fc.array(call, CALLS), async (calls) => {
        const { sessions } = await context.open();
        const rows: Rows = [];
        for (const call of calls) {
          await perform(sessions, rows, call, context);
        }
        const arrangement = await arrangementOf(sessions, rows);
        const whole = await sessions.list({ filter: {}, order: "oldest", limit: 1_000 });
        assert.deepEqual(whole.sessions, listed(rows, {}, "oldest", arrangement));
      });
      await fc.assert(property, { numRuns: fc.readConfigureGlobal().numRuns ?? RUNS });
    },
  },
];
