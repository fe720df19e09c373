// Random sequences of calls against the model. What fails is shrunk to the shortest sequence that still does.
import assert from "node:assert/strict";
import fc from "fast-check";
import { listed, matches } from "./model.mjs";
import { keysOf, session } from "./samples.mjs";

const word = fc.constantFrom("a", "ab", "b", "%", "_", "ä", "😀", "\u{ffff}", "");
const key = fc.nat({ max: 14 }).map((n) => `key ${n}`);
const time = fc.integer({ min: 0, max: 12 });
const maybe = (arbitrary) => fc.option(arbitrary, { nil: undefined });
const client = fc.record({ clientId: word, sessionId: maybe(word) }).map(withoutAbsent);

const newSession = fc
  .record({
    key,
    subjectId: word,
    sessionId: word,
    created: time,
    renewed: time,
    expires: maybe(time),
    displayNameFolded: maybe(word),
    issuer: maybe(word),
    ipAddress: maybe(word),
    clients: fc.uniqueArray(client, { maxLength: 3, selector: ({ clientId }) => clientId }),
  })
  .map(({ key, ...members }) => session(key, withoutAbsent(members)));

const change = fc.record(
  {
    subjectId: word,
    renewed: time,
    expires: fc.option(time),
    displayNameFolded: fc.option(word),
    ipAddress: fc.option(word),
  },
  { requiredKeys: [] },
);

const text = word.chain((word) => fc.constantFrom({ equals: word }, { startsWith: word }, { contains: word }));
const range = fc.oneof(
  fc.record({ after: time, before: time }),
  time.map((after) => ({ after })),
  time.map((before) => ({ before })),
);

const filter = fc.record(
  {
    subjectId: text,
    sessionId: text,
    displayName: text,
    search: fc.record({ id: word, name: word }),
    clientId: word,
    issuer: word,
    ipAddress: word,
    created: range,
    renewed: range,
    expires: range,
    activeAt: time,
    expiredAt: time,
  },
  { requiredKeys: [] },
);

const request = fc.record({
  filter: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: filter }),
  order: fc.constantFrom("newest", "oldest", "expiry"),
  limit: fc.integer({ min: 1, max: 6 }),
  from: fc.constantFrom("start", "end", "after", "before"),
  anchor: fc.nat(),
});

const call = fc.oneof(
  { weight: 6, arbitrary: newSession.map((session) => ({ do: "create", session })) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("update"), key, change }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("addClient"), key, client }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove"), keys: fc.array(key, { maxLength: 3 }) }) },
  { weight: 8, arbitrary: request.map((request) => ({ do: "list", request })) },
);

/** Does to the array what the store should do. `rows` are in the order in which they were created. */
const onModel = {
  create: (rows, { session }) => {
    if (rows.some((row) => row.key === session.key)) return "refused";
    rows.push(structuredClone(session));
    return "created";
  },
  update: (rows, { key, change }) => {
    const row = rows.find((row) => row.key === key);
    for (const [name, value] of Object.entries(row ? change : {})) {
      if (value === null) delete row[name];
      else row[name] = value;
    }
    return row !== undefined;
  },
  addClient: (rows, { key, client }) => {
    const row = rows.find((row) => row.key === key);
    const known = row?.clients.find(({ clientId }) => clientId === client.clientId);
    if (known === undefined) row?.clients.push({ ...client });
    else if (client.sessionId !== undefined) known.sessionId = client.sessionId;
    return row !== undefined;
  },
  remove: (rows, { keys }) => {
    const removed = rows.filter((row) => keys.includes(row.key));
    rows.splice(0, rows.length, ...rows.filter((row) => !keys.includes(row.key)));
    return keysOf(removed).sort();
  },
};

const onStore = {
  create: async (sessions, { session }) => {
    try {
      await sessions.create(session);
      return "created";
    } catch {
      return "refused";
    }
  },
  update: (sessions, { key, change }) => sessions.update(key, change),
  addClient: (sessions, { key, client }) => sessions.addClient(key, client),
  remove: async (sessions, { keys }) => (await sessions.remove(keys)).sort(),
};

/** Compares one page, from a position that the store itself gave for a row of the whole list. */
async function comparePage(sessions, rows, { filter, order, limit, from, anchor }) {
  const expected = listed(rows, filter, order);
  const whole = await sessions.list({ filter, order, limit: 1_000 });
  assert.deepEqual(whole.sessions, expected);
  assert.equal(await sessions.count(filter), rows.filter((row) => matches(filter, row)).length);
  if (expected.length === 0) return;
  const index = anchor % expected.length;
  const position = whole.positions[index];
  const [options, rowsOfPage] = {
    start: [{}, expected.slice(0, limit)],
    end: [{ fromEnd: true }, expected.slice(-limit)],
    after: [{ after: position }, expected.slice(index + 1, index + 1 + limit)],
    before: [{ before: position }, expected.slice(Math.max(0, index - limit), index)],
  }[from];
  const page = await sessions.list({ filter, order, limit, ...options });
  assert.deepEqual(page.sessions, rowsOfPage);
  assert.deepEqual(
    page.positions,
    whole.positions.slice(expected.indexOf(rowsOfPage[0]), expected.indexOf(rowsOfPage.at(-1)) + 1),
  );
}

export const randomSessionCases = [
  {
    name: "does what an array would do, whatever the calls",
    run: async (open) => {
      const property = fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 60 }), async (calls) => {
        const { sessions } = await open();
        const rows = [];
        for (const call of calls) {
          if (call.do === "list") await comparePage(sessions, rows, call.request);
          else assert.deepEqual(await onStore[call.do](sessions, call), onModel[call.do](rows, call), JSON.stringify(call));
        }
        assert.deepEqual(
          (await sessions.list({ filter: {}, order: "oldest", limit: 1_000 })).sessions,
          listed(rows, {}, "oldest"),
        );
      });
      await fc.assert(property, { numRuns: 60 });
    },
  },
];

function withoutAbsent(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
