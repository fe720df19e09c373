/**
 * Cases of an outbox.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type {
  DeliveryState,
  LogoutNotification,
  LogoutOutbox,
  NotificationKind,
  OutboxFilter,
  OutboxResult,
} from "../types.js";
import type { PortCase } from "./case.js";
import { at, notification, times } from "./samples.js";

const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

const claimAll = async (outbox: LogoutOutbox, now: number, leaseFor = 100) =>
  outbox.claim({ now, limit: 1_000, leaseFor });

/** The result of a claim, for comparisons: a store may include `notBefore` or omit it. */
const claimedForm = ({ notBefore: _, ...entry }: LogoutNotification) => entry;

export const outboxCases: readonly PortCase[] = [
  {
    name: "keeps every member of a notification",
    run: async ({ open }) => {
      const { outbox } = await open();
      const full = notification("full", {
        clientId: "forum",
        logoutUri: "https://forum.example.com/logout?a=b&c='d'",
        subjectId: "älice",
        sessionId: "sid",
        issuer: "https://id.example.com",
        reason: "session_expiration",
        attempt: 2,
        notBefore: 1_500,
      });
      await outbox.add([full, notification("bare")]);
      const claimed = await claimAll(outbox, 2_000);
      assert.deepEqual(claimed.map(claimedForm), [notification("bare"), claimedForm(full)]);
    },
  },
  {
    name: "lists what it was given",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([
        notification("b", {
          subjectId: "alice",
          sessionId: "s1",
          issuer: "https://id.example.com",
          notBefore: 1_700,
        }),
        notification("a", { clientId: "forum", attempt: 3 }),
      ]);
      assert.deepEqual(await outbox.list({}), [
        { id: "a", clientId: "forum", state: "pending", attempts: 3, nextAttempt: new Date(1_000) },
        {
          id: "b",
          clientId: "shop",
          subjectId: "alice",
          sessionId: "s1",
          issuer: "https://id.example.com",
          state: "pending",
          attempts: 0,
          nextAttempt: new Date(1_700),
        },
      ]);
    },
  },
  {
    name: "keeps the kind of a notification",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("event", { kind: "session_revoked" }), notification("token")]);
      const kinds = (entries: readonly { id: string; kind?: NotificationKind }[]) =>
        // Without a kind it is a `logout`, so a store may include the kind or omit it.
        new Map(entries.map(({ id, kind = "logout" }) => [id, kind] as const));
      const expected = new Map([
        ["event", "session_revoked"],
        ["token", "logout"],
      ]);
      assert.deepEqual(kinds(await claimAll(outbox, 1_000)), expected, "as claimed");
      await outbox.settle("event", { state: "failed", error: "gone" }, 2_000);
      assert.deepEqual(kinds(await outbox.list({})), expected, "as listed");
      assert.equal(await outbox.retry("event", 2_000), true);
      assert.deepEqual(kinds(await claimAll(outbox, 2_000)), expected, "as claimed again");
    },
  },
  {
    name: "keeps an existing entry with the same id, settled or not",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("pending"), notification("settled")]);
      await outbox.settle("settled", { state: "delivered", status: 204 }, 2_000);
      const before = await outbox.list({});
      await outbox.add([
        notification("pending", { clientId: "other", created: 9 }),
        notification("settled", { clientId: "other" }),
        notification("new"),
        notification("new", { clientId: "other" }),
      ]);
      const after = await outbox.list({});
      assert.deepEqual(
        after.filter(({ id }) => id !== "new"),
        before,
      );
      assert.deepEqual(
        after.filter(({ id }) => id === "new").map(({ clientId }) => clientId),
        ["shop"],
      );
      await outbox.add([]);
    },
  },
  {
    name: "adds many entries in one call",
    run: async ({ open }) => {
      const { outbox } = await open();
      const entries = times(4_000, (n) => notification(`n${10_000 + n}`));
      await outbox.add(entries);
      assert.deepEqual(idsOf(await outbox.list({})), idsOf(entries));
      assert.equal((await outbox.claim({ now: 1_000, limit: 3_500, leaseFor: 1 })).length, 3_500);
    },
  },
  {
    name: "claims due entries, the longest due first",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([
        notification("third", { created: 1_300 }),
        notification("first", { created: 1_100 }),
        notification("later", { created: 1_000, notBefore: 2_001 }),
        notification("second", { created: 1_900, notBefore: 1_200 }),
        notification("fourth", { created: 2_000 }),
      ]);
      assert.deepEqual(await outbox.claim({ now: 1_099, limit: 10, leaseFor: 1 }), []);
      assert.deepEqual(idsOf(await outbox.claim({ now: 2_000, limit: 2, leaseFor: 500 })), [
        "first",
        "second",
      ]);
      assert.deepEqual(idsOf(await outbox.claim({ now: 2_000, limit: 10, leaseFor: 500 })), [
        "third",
        "fourth",
      ]);
      assert.deepEqual(idsOf(await outbox.claim({ now: 2_001, limit: 10, leaseFor: 500 })), [
        "later",
      ]);
    },
  },
  {
    name: "leases claimed entries until the lease ends",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("a")]);
      assert.deepEqual(idsOf(await claimAll(outbox, 1_000, 60)), ["a"]);
      assert.deepEqual(await claimAll(outbox, 1_059), []);
      assert.deepEqual(idsOf(await claimAll(outbox, 1_060)), ["a"]);
      assert.deepEqual(
        idsOf(await outbox.list({ state: "pending" })),
        ["a"],
        "it is pending all the time",
      );
    },
  },
  {
    name: "gives each entry to only one of many concurrent claims",
    run: async ({ open }) => {
      const { outbox } = await open();
      const entries = times(60, (n) => notification(`n${100 + n}`));
      await outbox.add(entries);
      const claims = await Promise.all(
        times(12, async () => outbox.claim({ now: 1_000, limit: 10, leaseFor: 100 })),
      );
      assert.ok(claims.every((claim) => claim.length <= 10));
      assert.deepEqual(idsOf(claims.flat()).sort(), idsOf(entries));
    },
  },
  {
    name: "records the result of an attempt and counts it",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add(["again", "done", "failed"].map((id) => notification(id)));
      await claimAll(outbox, 1_000);
      await outbox.settle(
        "again",
        {
          state: "pending",
          nextAttempt: 5_000,
          error: "answered 503",
          status: 503,
        },
        2_000,
      );
      await outbox.settle("done", { state: "delivered", status: 204 }, 2_000);
      await outbox.settle("failed", { state: "failed", error: "no such host" }, 2_000);
      const common = { clientId: "shop", attempts: 1 };
      assert.deepEqual(await outbox.list({}), [
        {
          id: "again",
          ...common,
          state: "pending",
          status: 503,
          error: "answered 503",
          nextAttempt: new Date(5_000),
        },
        { id: "done", ...common, state: "delivered", status: 204 },
        { id: "failed", ...common, state: "failed", error: "no such host" },
      ]);
      assert.deepEqual(await claimAll(outbox, 4_999), []);
      const claimed = await claimAll(outbox, 5_000);
      assert.deepEqual(
        claimed.map(({ id, attempt }) => [id, attempt]),
        [["again", 1]],
      );
      await outbox.settle("again", { state: "delivered" }, 2_000);
      const [again] = await outbox.list({});
      assert.deepEqual(
        again,
        { id: "again", clientId: "shop", attempts: 2, state: "delivered" },
        "the old error is cleared",
      );
      assert.deepEqual(await claimAll(outbox, 1_000_000), []);
    },
  },
  {
    name: "keeps a delivered entry delivered after a late result",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("a")]);
      await outbox.settle("a", { state: "delivered", status: 200 }, 2_000);
      const delivered = await outbox.list({});
      const lateResults: OutboxResult[] = [
        { state: "failed", error: "too late" },
        { state: "pending", nextAttempt: 1_000, error: "too late" },
        { state: "delivered", status: 204 },
      ];
      for (const late of lateResults) {
        await outbox.settle("a", late, 2_000);
        assert.deepEqual(await outbox.list({}), delivered);
      }
      assert.deepEqual(await claimAll(outbox, 9_000), []);
    },
  },
  {
    name: "ignores the result of an unknown entry",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("a")]);
      await outbox.settle("unknown", { state: "delivered" }, 2_000);
      assert.deepEqual(idsOf(await outbox.list({ state: "delivered" })), []);
      assert.equal((await outbox.list({})).length, 1);
    },
  },
  {
    name: "retries failed entries and no others",
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add(
        ["delivered", "failed", "pending"].map((id) => notification(id, { notBefore: 9_000 })),
      );
      await outbox.settle("delivered", { state: "delivered" }, 2_000);
      await outbox.settle("failed", { state: "failed", error: "gone", status: 410 }, 2_000);
      for (const id of ["delivered", "pending", "unknown"]) {
        assert.equal(await outbox.retry(id, 2_000), false, id);
      }
      assert.equal(await outbox.retry("failed", 2_000), true);
      assert.deepEqual(await claimAll(outbox, 1_999), []);
      const claimed = await claimAll(outbox, 2_000);
      assert.deepEqual(
        claimed.map(({ id, attempt }) => [id, attempt]),
        [["failed", 1]],
      );
      assert.equal(await outbox.retry("failed", 2_000), false, "it is pending now");
    },
  },
  {
    name: "lists by filter, in the order of the ids, page by page",
    run: async ({ open }) => {
      const { outbox } = await open();
      const entries = times(36, (n) =>
        notification(`id ${100 + ((n * 17) % 36)}`, {
          clientId: n % 2 === 0 ? "shop" : "forum",
          ...(n % 3 > 0 && { subjectId: n % 2 === 0 ? "alice" : "bob" }),
          ...(n % 4 > 0 && { sessionId: `s${n % 4}` }),
          ...(n % 5 > 0 && { issuer: at(["one", "other", "third"], n % 3) }),
        }),
      );
      await outbox.add(entries);
      const stateOf = new Map<string, DeliveryState>();
      for (const [n, { id }] of entries.entries()) {
        const state = at(["pending", "delivered", "failed"] as const, n % 3);
        stateOf.set(id, state);
        if (state === "delivered") await outbox.settle(id, { state }, 2_000);
        if (state === "failed") await outbox.settle(id, { state, error: "gone" }, 2_000);
      }
      const filters: OutboxFilter[] = [
        {},
        { state: "pending" },
        { state: "failed" },
        { state: "skipped" },
        { subjectId: "alice" },
        { sessionId: "s1" },
        { clientId: "forum" },
        { state: "delivered", subjectId: "bob" },
        { subjectId: "bob", sessionId: "s3", clientId: "forum", state: "failed" },
        // Blanks and case count, so these match nothing.
        { subjectId: "alice " },
        { subjectId: "Alice" },
        { sessionId: "s1 " },
        { clientId: "Forum", subjectId: "bob" },
        { issuers: ["one"] },
        { issuers: ["one", "third"] },
        { issuers: ["none", "One", "one "] },
        { issuers: ["one", "other"], state: "pending" },
        { issuers: ["other", "third"], clientId: "forum", state: "delivered" },
        { id: "id 117" },
        { id: "id 117", issuers: ["one"] },
        { id: "id 117", issuers: ["one", "other", "third"] },
        { id: "id 117", state: "failed", clientId: "shop" },
        { id: "id 117", state: "pending" },
        { id: "id 11" },
        { id: "ID 117" },
      ];
      for (const filter of filters) {
        const isWanted = (entry: LogoutNotification) =>
          Object.entries(filter).every(([name, value]) => {
            if (name === "state") return stateOf.get(entry.id) === value;
            if (name === "issuers") return value.includes(entry.issuer);
            return Reflect.get(entry, name) === value;
          });
        const expected = idsOf(entries.filter(isWanted)).sort();
        assert.deepEqual(idsOf(await outbox.list(filter)), expected, JSON.stringify(filter));
        const paged: string[] = [];
        for (let page = await outbox.list(filter, undefined, 4); page.length > 0; ) {
          assert.ok(page.length <= 4);
          paged.push(...idsOf(page));
          page = await outbox.list(filter, at(page, -1).id, 4);
        }
        assert.deepEqual(paged, expected, `${JSON.stringify(filter)}, paged`);
      }
      assert.deepEqual(idsOf(await outbox.list({}, "id 133")), ["id 134", "id 135"]);
      assert.deepEqual(
        idsOf(await outbox.list({}, "id 1325", 1)),
        ["id 133"],
        "the id need not be there",
      );
      assert.deepEqual(idsOf(await outbox.list({ id: "id 117" }, "id 116")), ["id 117"]);
      assert.deepEqual(await outbox.list({ id: "id 117" }, "id 117"), []);
      assert.deepEqual(await outbox.list({ id: "id 117" }, "id 118"), []);
    },
  },
];
