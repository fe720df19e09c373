/**
 * Cases of each filter of a session store, compared with the model.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { StoredSession, StoreFilter, StoreText } from "../types.js";
import { ORDERS, type PortCase } from "./case.js";
import { arrangementOf, listed, matches } from "./model.js";
import {
  at,
  createAll,
  keysOf,
  LONG_TEXT,
  pagesFromEnd,
  pagesOf,
  session,
  times,
} from "./samples.js";

// Strings that a careless store gets wrong: wildcards, quotes, blanks, case, prefixes of one
// another, characters that UTF-8 and UTF-16 sort differently (U+FFFD and U+E000 come before U+1F600
// in one and after it in the other), and long strings that differ in their last character.
const TEXTS: readonly string[] = [
  "alice",
  "Alice",
  "alice ",
  " alice",
  "alicea",
  "alic",
  "100%",
  "100",
  "1%0",
  "a_b",
  "aXb",
  "o'hara",
  'say "hi"',
  "back\\slash",
  "-- comment; drop table",
  "straße",
  "strasse",
  "İstanbul",
  "i̇stanbul",
  "ǅ",
  "é",
  "é",
  "日本語",
  "日本",
  "😀",
  "😀😀",
  "😁",
  "\u{ffff}",
  "\u{ffff}a",
  "\u{fffd}",
  "\u{e000}",
  "\u{e000}b",
  "\u{d7ff}",
  "\u{d7ff}\u{d7ff}",
  "\u{10ffff}",
  "\u{10ffff}a",
  "a\u{10ffff}",
  "a\u{10ffff}\u{10ffff}z",
  "b",
  "*",
  "?",
  "[a-z]",
  "null",
  "0",
  LONG_TEXT,
  `${LONG_TEXT} 1`,
  `${LONG_TEXT} 2`,
];

const text = (n: number) => at(TEXTS, n % TEXTS.length);

/**
 * One session for each string, in each member that a filter checks; some without a name, issuer,
 * address or expiry.
 */
function sampleSessions(): StoredSession[] {
  return TEXTS.map((sessionId, n) =>
    session(`key ${n}`, {
      subjectId: text(n * 7),
      sessionId,
      created: 1_000 + 10 * (n % 6),
      renewed: 2_000 + 10 * (n % 7),
      ...(n % 5 !== 0 && { displayName: sessionId, displayNameFolded: sessionId.toLowerCase() }),
      ...(n % 4 !== 0 && { expires: 3_000 + 10 * (n % 5) }),
      ...(n % 3 !== 0 && { issuer: text(n % 2), ipAddress: `2001:db8::${n % 4}` }),
      clients: [
        { clientId: text(n % 3) },
        { clientId: "shop" },
        { clientId: "100%", sessionId },
      ].slice(0, n % 4),
    }),
  );
}

const forms = (wanted: string): StoreText[] => [
  { equals: wanted },
  { startsWith: wanted },
  { contains: wanted },
];

/** Filters by name: each member alone, then combined. */
const FILTERS: { readonly [Name in string]: readonly StoreFilter[] } = {
  "no filter": [{}],
  subjectId: TEXTS.flatMap(forms).map((subjectId) => ({ subjectId })),
  sessionId: TEXTS.flatMap(forms).map((sessionId) => ({ sessionId })),
  displayName: TEXTS.flatMap((text) => forms(text.toLowerCase())).map((displayName) => ({
    displayName,
  })),
  search: TEXTS.map((text) => ({ search: { id: text, name: text.toLowerCase() } })),
  clientId: [...TEXTS, "shop"].map((clientId) => ({ clientId })),
  "issuer and ipAddress": [
    { issuer: "alice" },
    { issuer: "Alice" },
    { issuer: "alice " },
    { ipAddress: "2001:db8::1" },
    { ipAddress: "2001:DB8::1" },
    { ipAddress: "2001:db8::%" },
  ],
  issuers: [
    { issuers: ["Alice", "alice"] },
    { issuers: ["alice", "alice "] },
    { issuers: ["ALICE", "bob"] },
    { issuers: [...TEXTS].sort() },
  ],
  "ranges of time": (["created", "renewed", "expires"] as const).flatMap((member, n) => {
    const base = 1_000 * (n + 1);
    const ranges = [
      { after: base + 20 },
      { before: base + 20 },
      { after: base + 10, before: base + 30 },
    ];
    const empty = [
      { after: base + 30, before: base + 10 },
      { after: base + 20, before: base + 20 },
      { before: 0 },
    ];
    return [...ranges, ...empty].map((range) => ({ [member]: range }));
  }),
  state: [2_999, 3_000, 3_005, 3_020, 3_040, 9_000].flatMap((at) => [
    { activeAt: at },
    { expiredAt: at },
  ]),
  "several at once": [
    { subjectId: { equals: "alice" }, sessionId: { equals: "alice" } },
    {
      subjectId: { startsWith: "a" },
      sessionId: { contains: "a" },
      displayName: { contains: "a" },
    },
    { subjectId: { startsWith: "1" }, sessionId: { startsWith: "A" } },
    { clientId: "100%", subjectId: { equals: "alice " } },
    { clientId: "shop", issuer: "Alice" },
    { clientId: "shop", ipAddress: "2001:db8::2", issuer: "alice" },
    { clientId: "shop", activeAt: 3_020, created: { after: 1_010, before: 1_040 } },
    { clientId: "shop", search: { id: "100%", name: "s" } },
    { search: { id: "alice", name: "a" }, displayName: { contains: "l" }, expiredAt: 3_030 },
    { displayName: { equals: "alice" }, activeAt: 3_000 },
    { issuers: ["Alice", "alice"], subjectId: { equals: "alice" } },
    { issuers: ["Alice", "o'hara"], clientId: "shop", activeAt: 3_010 },
    { issuers: ["alice", "b"], sessionId: { startsWith: "a" }, created: { after: 1_010 } },
    { issuer: "Alice", expires: { after: 3_010 }, renewed: { before: 2_050 } },
    { expires: { after: 3_000, before: 3_030 }, expiredAt: 3_010 },
    { expires: { after: 3_000, before: 3_030 }, activeAt: 3_010 },
    { created: { after: 1_010 }, renewed: { after: 2_010 }, expires: { before: 3_040 } },
  ],
};

export const filterCases: readonly PortCase[] = [
  ...Object.entries(FILTERS).map(
    ([name, filters]): PortCase => ({
      name: `finds and counts by filter: ${name}`,
      filters,
      run: async ({ open, serves }) => {
        const { sessions } = await open();
        const rows = sampleSessions();
        await createAll(sessions, rows);
        const arrangement = await arrangementOf(sessions, rows);
        for (const filter of filters.filter(serves)) {
          for (const order of ORDERS) {
            const expected = keysOf(listed(rows, filter, order, arrangement));
            const message = `${JSON.stringify(filter)}, ${order}`;
            const all = await sessions.list({ filter, order, limit: 1_000 });
            assert.deepEqual(keysOf(all.sessions), expected, message);
            const pages = await pagesOf(sessions, { filter, order, limit: 3 });
            assert.deepEqual(pages.flat(), expected, `${message}, paged`);
            const backwards = await pagesFromEnd(sessions, { filter, order, limit: 3 });
            assert.deepEqual(backwards.reverse().flat(), expected, `${message}, paged backwards`);
          }
          assert.equal(
            await sessions.count(filter),
            rows.filter((row) => matches(filter, row)).length,
            JSON.stringify(filter),
          );
        }
      },
    }),
  ),
  {
    name: "limits a page by a range and by any position",
    filters: [{ created: { after: 0 } }, { expires: { after: 0 } }],
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      const rows = times(24, (n) => {
        const time = 1_000 + Math.floor(n / 3);
        return session(`${n}`, { created: time, expires: time, clients: [{ clientId: "shop" }] });
      });
      await createAll(sessions, rows);
      const ranges = [
        { after: 1_002, before: 1_005 },
        { after: 1_003 },
        { before: 1_004 },
        { after: 1_005, before: 1_002 },
      ];
      for (const order of ORDERS) {
        // The positions of all sessions, including those outside and at the ends of the range.
        const whole = await sessions.list({ filter: {}, order, limit: 100 });
        const member = order === "expiry" ? "expires" : "created";
        for (const range of ranges) {
          for (const filter of [{ [member]: range }, { [member]: range, clientId: "shop" }].filter(
            serves,
          )) {
            for (const [index, position] of whole.positions.entries()) {
              const isWanted = (row: StoredSession) => matches(filter, row);
              const message = `${JSON.stringify(filter)}, ${order}, from ${index}`;
              const after = await sessions.list({ filter, order, limit: 4, after: position });
              const behind = whole.sessions.slice(index + 1).filter(isWanted);
              assert.deepEqual(keysOf(after.sessions), keysOf(behind.slice(0, 4)), message);
              const before = await sessions.list({ filter, order, limit: 4, before: position });
              const ahead = whole.sessions.slice(0, index).filter(isWanted);
              assert.deepEqual(keysOf(before.sessions), keysOf(ahead.slice(-4)), message);
            }
          }
        }
      }
    },
  },
  {
    name: "finds a few matches and thousands among thousands",
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      const rows = times(5_000, (n) => {
        const name = `name ${n % 10} of ${n}`;
        return session(`${n}`, {
          subjectId: `subject ${n % 10}`,
          sessionId: `sid ${n}`,
          created: 1_000 + (n % 97),
          displayName: name,
          displayNameFolded: name,
          ...(n % 2 === 0 && { expires: 2_000 + n }),
          ...(n % 3 !== 0 && { issuer: n % 100 === 1 ? `rare ${n % 3}` : `issuer ${n % 3}` }),
          clients: n % 50 === 0 ? [{ clientId: "rare" }] : [{ clientId: "shop" }],
        });
      });
      await createAll(sessions, rows);
      const arrangement = await arrangementOf(sessions, rows);
      const filters: StoreFilter[] = [
        { sessionId: { equals: "sid 49" } },
        { subjectId: { equals: "subject 7" } },
        { subjectId: { equals: "subject 7" }, clientId: "rare" },
        { sessionId: { startsWith: "sid 49" } },
        { sessionId: { startsWith: "sid" } },
        { subjectId: { startsWith: "subject 7" }, sessionId: { startsWith: "sid 1" } },
        { displayName: { startsWith: "name 3 of 4" } },
        { displayName: { startsWith: "name" } },
        { displayName: { contains: "of 49" } },
        { search: { id: "sid 17", name: "of 123" } },
        { expiredAt: 2_100 },
        { expiredAt: 6_900 },
        { expires: { after: 6_000 } },
        { clientId: "rare" },
        { clientId: "rare", activeAt: 4_000 },
        { clientId: "shop", subjectId: { startsWith: "subject 3" } },
        { issuers: ["rare 1", "rare 2"] },
        { issuers: ["issuer 1", "rare 2"] },
        { issuers: ["none", "rare 1"], expiredAt: 6_000 },
      ];
      for (const filter of filters.filter(serves)) {
        for (const order of ORDERS) {
          const expected = keysOf(listed(rows, filter, order, arrangement));
          const message = `${JSON.stringify(filter)}, ${order}`;
          const first = await sessions.list({ filter, order, limit: 40 });
          assert.deepEqual(keysOf(first.sessions), expected.slice(0, 40), message);
          const last = await sessions.list({ filter, order, limit: 40, fromEnd: true });
          assert.deepEqual(keysOf(last.sessions), expected.slice(-40), message);
          if (expected.length === 0) continue;
          const second = await sessions.list({
            filter,
            order,
            limit: 40,
            after: at(first.positions, -1),
          });
          assert.deepEqual(keysOf(second.sessions), expected.slice(40, 80), message);
          const nextToLast = await sessions.list({
            filter,
            order,
            limit: 40,
            before: at(last.positions, 0),
          });
          assert.deepEqual(
            keysOf(nextToLast.sessions),
            expected.slice(0, -last.sessions.length).slice(-40),
            message,
          );
        }
        assert.equal(
          await sessions.count(filter),
          rows.filter((row) => matches(filter, row)).length,
          JSON.stringify(filter),
        );
      }
    },
  },
];
