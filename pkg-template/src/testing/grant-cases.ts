/**
 * Cases of a grant store.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { GrantCounts, GrantFilter, PersistedGrant } from "../types.js";
import type { PortCase } from "./case.js";
import { countsOf, GRANT_FILTERS, GRANTS, matchingGrants, storeAll, TYPES } from "./grant-model.js";
import { grant, keysOf, settled, times } from "./samples.js";

const EMPTY: readonly GrantFilter[] = [
  {},
  { clientIds: [] },
  { types: [], clientIds: [] },
  { subjectId: "" },
  { subjectId: " ", sessionId: "\t" },
];

export const grantCases: readonly PortCase[] = [
  {
    name: "keeps every member of a grant",
    run: async ({ open }) => {
      const { grants } = await open();
      const full = grant("full", {
        subjectId: "alice",
        sessionId: "s1",
        expires: new Date(5_000),
        consumed: new Date(4_000),
        description: "Älice's phone; 'quoted' \"twice\"",
        data: `opaque ☎ ${"x".repeat(10_000)}`,
      });
      await storeAll(grants, [full, grant("bare")]);
      assert.deepEqual(await grants.get("full"), full);
      assert.deepEqual(await grants.get("bare"), grant("bare"), "what was absent stays absent");
      assert.equal(await grants.get("FULL"), undefined);
    },
  },
  {
    name: "replaces the grant with the same key, whole",
    run: async ({ open }) => {
      const { grants } = await open();
      await grants.store(
        grant("a", {
          subjectId: "alice",
          sessionId: "s1",
          expires: new Date(5_000),
          description: "old",
        }),
      );
      const replacement = grant("a", { subjectId: "bob", type: "user_consent", data: "new" });
      await grants.store(replacement);
      assert.deepEqual(await grants.get("a"), replacement);
      assert.deepEqual(await grants.list({ subjectId: "bob" }), [replacement]);
      assert.deepEqual(await grants.list({ subjectId: "alice" }), []);
    },
  },
  {
    name: "never confuses a string with NUL or half a character with another one",
    run: async ({ open }) => {
      const { grants } = await open();
      const kept = [
        grant("admin", { subjectId: "admin", sessionId: "s1" }),
        grant("admin\ufffd", { subjectId: "admin\ufffd", sessionId: "s1\ufffd" }),
      ];
      await storeAll(grants, kept);
      for (const odd of ["\0", "\0x", "\ud800"]) {
        const [key, subjectId, sessionId] = [`admin${odd}`, `admin${odd}`, `s1${odd}`];
        // A store may reject it, or store it unchanged.
        await settled(async () => grants.store(grant(key, { subjectId, sessionId })));
        for (const filter of [{ subjectId }, { sessionId }, { subjectId: "admin", sessionId }])
          await settled(async () => grants.remove(filter));
        assert.ok([undefined, key].includes((await settled(async () => grants.get(key)))?.key));
      }
      for (const grant of kept) assert.deepEqual(await grants.get(grant.key), grant);
    },
  },
  {
    name: "rejects a grant without a required member, and keeps the existing one",
    run: async ({ open }) => {
      const { grants } = await open();
      await grants.store(grant("a"));
      for (const name of ["key", "type", "clientId", "created", "data"] as const) {
        const { [name]: _, ...incomplete } = grant("a", { data: "new" });
        // The type forbids this, but nothing checks a provider that is written in JavaScript.
        await assert.rejects(
          async () => grants.store(incomplete as PersistedGrant),
          undefined,
          `without \`${name}\``,
        );
      }
      assert.deepEqual(await grants.list({ clientIds: ["shop"] }), [grant("a")]);
    },
  },
  {
    name: "lists and counts by filter",
    run: async ({ open }) => {
      const { grants } = await open();
      await storeAll(grants, GRANTS);
      for (const filter of GRANT_FILTERS) {
        const expected = matchingGrants(filter);
        assert.deepEqual(
          keysOf(await grants.list(filter)).sort(),
          keysOf(expected).sort(),
          JSON.stringify(filter),
        );
        assert.deepEqual(await grants.count(filter), countsOf(expected), JSON.stringify(filter));
      }
    },
  },
  {
    name: "removes by filter and returns the counts",
    run: async ({ open }) => {
      const { grants } = await open();
      await storeAll(grants, GRANTS);
      for (const filter of GRANT_FILTERS) {
        const removed = matchingGrants(filter);
        assert.deepEqual(await grants.remove(filter), countsOf(removed), JSON.stringify(filter));
        assert.deepEqual(await grants.remove(filter), countsOf([]), "again: there is nothing left");
        const left = GRANTS.filter((grant) => !removed.includes(grant));
        assert.deepEqual(
          keysOf(await grants.list({ types: TYPES })).sort(),
          keysOf(left).sort(),
          JSON.stringify(filter),
        );
        await storeAll(grants, removed);
      }
    },
  },
  {
    name: "rejects a filter that matches every grant, and changes nothing",
    run: async ({ open }) => {
      const { grants } = await open();
      await storeAll(grants, GRANTS);
      for (const filter of EMPTY) {
        for (const method of ["list", "count", "remove"] as const) {
          await assert.rejects(
            async () => grants[method](filter),
            undefined,
            JSON.stringify(filter),
          );
        }
      }
      assert.equal((await grants.list({ types: TYPES })).length, GRANTS.length);
    },
  },
  {
    name: "accepts lists that are too long for one statement",
    run: async ({ open }) => {
      const { grants } = await open();
      const padding = (text: string, count: number) => times(count, (n) => `${text} ${n}`);
      const expected = matchingGrants({
        clientIds: ["shop", "forum"],
        types: ["ciba", "user_consent", "device_code"],
      });
      // One of the two is longer than the parameters of any statement. The other one is shorter,
      // because a store may need a statement for each pair of chunks.
      for (const [clients, types] of [
        [40_000, 600],
        [600, 40_000],
      ] as const) {
        await storeAll(grants, GRANTS);
        const filter = {
          clientIds: ["shop", ...padding("client", clients), "forum", "shop"],
          types: [...padding("type", types), "ciba", "user_consent", "device_code"],
        };
        assert.deepEqual(await grants.count(filter), countsOf(expected));
        assert.deepEqual(keysOf(await grants.list(filter)).sort(), keysOf(expected).sort());
        assert.deepEqual(await grants.remove(filter), countsOf(expected));
        assert.equal((await grants.list({ types: TYPES })).length, GRANTS.length - expected.length);
      }
    },
  },
  {
    name: "counts each grant for only one of many concurrent removals",
    run: async ({ open }) => {
      const { grants } = await open();
      await storeAll(grants, GRANTS);
      const filters: GrantFilter[] = [
        { subjectId: "alice" },
        { sessionId: "s1" },
        { clientIds: ["shop"] },
        { types: ["ciba"] },
      ];
      const counts = await Promise.all(
        [...filters, ...filters].map(async (filter) => grants.remove(filter)),
      );
      const removed = GRANTS.filter((grant) =>
        filters.some((filter) => matchingGrants(filter, [grant]).length > 0),
      );
      const sum = (kind: keyof GrantCounts) => counts.reduce((sum, count) => sum + count[kind], 0);
      assert.deepEqual(
        { tokens: sum("tokens"), consents: sum("consents"), other: sum("other") },
        countsOf(removed),
      );
    },
  },
];
