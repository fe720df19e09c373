/**
 * Cases of the longest strings that stores must support. The lengths are in `../stores/lengths.ts`.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import { maxCharacters } from "../stores/lengths.js";
import type { ClientSession, StoredSession, StoreFilter } from "../types.js";
import type { PortCase } from "./case.js";
import { claimedFrom, notices, noticesIn, step } from "./ending-samples.js";
import { grant, notification, removedForm, session, sessionsIn, settled } from "./samples.js";

/**
 * Characters of four bytes each, which can't be compressed: the most bytes that a string of this
 * length can have.
 */
function text(length: number, seed: number): string {
  let state = seed;
  const characters = Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(0x10000 + (state % 0xf0000));
  });
  return characters.join("");
}

/** The longest value of a member, different for each `seed`. */
const longest = (member: string, seed = 1) => text(maxCharacters(member), member.length + seed);

const client = (seed: number) => ({
  clientId: longest("clientId", seed),
  sessionId: longest("sessionId", seed),
});

const members = (seed: number) => ({
  scheme: longest("scheme", seed),
  subjectId: longest("subjectId", seed),
  sessionId: longest("sessionId", seed),
  displayName: longest("displayName", seed),
  displayNameFolded: longest("displayNameFolded", seed),
  issuer: longest("issuer", seed),
  ipAddress: longest("ipAddress", seed),
  userAgent: longest("userAgent", seed),
});

/** A session whose strings all have their maximum length. */
const longSession = (key: string) => session(key, { ...members(1), clients: [client(1)] });

/** Filters that find a session by one of its strings, with `more` appended. */
const filtersFor = (row: StoredSession, more = ""): StoreFilter[] => [
  { subjectId: { equals: row.subjectId + more } },
  { subjectId: { startsWith: row.subjectId + more } },
  { subjectId: { contains: row.subjectId + more } },
  { sessionId: { equals: row.sessionId + more } },
  { sessionId: { startsWith: row.sessionId + more } },
  { displayName: { equals: row.displayNameFolded + more } },
  { displayName: { startsWith: row.displayNameFolded + more } },
  { displayName: { contains: row.displayNameFolded + more } },
  { search: { id: row.subjectId + more, name: row.displayNameFolded + more } },
  { clientId: (row.clients[0]?.clientId ?? "") + more },
  { issuer: row.issuer + more },
  { ipAddress: row.ipAddress + more },
];

/**
 * Suffixes that make the longest string too long: one character, more bytes than fit into an index
 * entry, and more characters than a function accepts arguments.
 */
const LONGER = ["x", text(3_000, 7), "x".repeat(300_000)];

export const sessionLengthCases: readonly PortCase[] = [
  {
    name: "stores the longest strings, and finds a session by them",
    run: async (context) => {
      const { sessions } = await context.open();
      const row = longSession("a");
      await sessions.create(row);
      await sessions.create(session("b"));
      assert.deepEqual(await sessions.get("a"), row);
      for (const filter of filtersFor(row).filter(context.serves))
        assert.equal(await sessions.count(filter), 1, Object.keys(filter)[0]);
      assert.equal(await sessions.addClient("a", client(2), 1_500), true);
      assert.equal(await sessions.update("a", members(3), { subjectId: row.subjectId }), true);
      const changed = { ...row, ...members(3), clients: [client(1), client(2)] };
      assert.deepEqual(await sessionsIn(sessions), [changed, session("b")]);
      const removed = await sessions.remove(["a"], { sessionId: changed.sessionId });
      assert.deepEqual(removed.map(removedForm), [removedForm(changed)]);
    },
  },
  {
    name: "never confuses a string that is too long with another one",
    run: async (context) => {
      const { sessions } = await context.open();
      const row = longSession("a");
      await sessions.create(row);
      for (const more of LONGER) {
        for (const filter of filtersFor(row, more).filter(context.serves))
          assert.equal(await sessions.count(filter), 0, Object.keys(filter)[0]);
        const condition = { subjectId: row.subjectId + more };
        assert.equal(await sessions.update("a", { renewed: 5_000 }, condition), false);
        assert.deepEqual(await sessions.remove(["a"], condition), []);
        for (const name of ["subjectId", "sessionId", "scheme", "issuer", "ipAddress"] as const) {
          const longer = session("b", { [name]: `${row[name]}${more}` });
          // A store may reject it, or store it unchanged.
          await settled(async () => sessions.create(longer));
          assert.ok([undefined, longer[name]].includes((await sessions.get("b"))?.[name]), name);
          await sessions.remove(["b"]);
        }
        const { clientId, sessionId } = client(1);
        const added = { clientId: clientId + more, sessionId: `own ${sessionId}${more}` };
        const isAdded = await settled(async () => sessions.addClient("a", added, 1_500));
        assert.deepEqual(
          (await sessions.get("a"))?.clients,
          isAdded ? [client(1), added] : [client(1)],
        );
        await sessions.remove(["a"]);
        await sessions.create(row);
      }
    },
  },
];

export const grantLengthCases: readonly PortCase[] = [
  {
    name: "stores the longest strings, and never confuses longer ones",
    run: async ({ open }) => {
      const { grants } = await open();
      const members = {
        type: longest("type"),
        subjectId: longest("subjectId"),
        sessionId: longest("sessionId", 2),
        clientId: longest("clientId", 3),
        description: longest("description"),
      };
      const kept = grant(longest("key"), members);
      await grants.store(kept);
      const { subjectId, sessionId, clientId, type } = members;
      const filter = { subjectId, sessionId, clientIds: [clientId], types: [type] };
      assert.deepEqual(await grants.get(kept.key), kept);
      assert.deepEqual(await grants.list(filter), [kept]);
      for (const more of LONGER) {
        assert.equal(await grants.get(kept.key + more), undefined);
        for (const other of [
          { subjectId: subjectId + more },
          { sessionId: sessionId + more },
          { clientIds: [clientId + more] },
          { types: [type + more] },
        ])
          assert.deepEqual(await grants.remove(other), { tokens: 0, consents: 0, other: 0 });
        for (const name of ["key", "type", "subjectId", "sessionId", "clientId"] as const) {
          const longer = grant(`${name} ${more.length}`, { [name]: `${kept[name]}${more}` });
          // A store may reject it, or store it unchanged.
          await settled(async () => grants.store(longer));
          assert.ok(
            [undefined, longer[name]].includes((await grants.get(longer.key))?.[name]),
            name,
          );
        }
      }
      assert.deepEqual(await grants.get(kept.key), kept);
      assert.deepEqual(await grants.remove(filter), { tokens: 0, consents: 0, other: 1 });
    },
  },
];

export const outboxLengthCases: readonly PortCase[] = [
  {
    name: "records, settles and lists notifications with the longest strings",
    run: async ({ open }) => {
      const { outbox } = await open();
      const { clientId, sessionId } = client(1);
      const members = { clientId, sessionId, subjectId: longest("subjectId", 2) };
      const entry = notification(longest("id"), {
        ...members,
        issuer: longest("issuer"),
        logoutUri: longest("logoutUri"),
      });
      await outbox.add([entry]);
      const claimed = await outbox.claim({ now: 2_000, limit: 5, leaseFor: 100 });
      assert.deepEqual(
        claimed.map(({ notBefore: _, ...entry }) => entry),
        [entry],
      );
      await outbox.settle(entry.id, { state: "failed", error: text(1_000, 5) }, 2_050);
      const [listed] = await outbox.list({});
      assert.deepEqual([listed?.id, listed?.state], [entry.id, "failed"]);
      for (const filter of [{ clientId }, { sessionId }, { subjectId: members.subjectId }])
        assert.equal((await outbox.list(filter)).length, 1, Object.keys(filter)[0]);
      for (const more of LONGER) {
        for (const filter of [
          { clientId: clientId + more },
          { sessionId: sessionId + more },
          { subjectId: members.subjectId + more },
        ])
          assert.deepEqual(await outbox.list(filter), [], Object.keys(filter)[0]);
        assert.equal(await outbox.retry(entry.id + more, 3_000), false);
      }
      assert.equal(await outbox.retry(entry.id, 3_000), true);
      await outbox.settle(entry.id, { state: "delivered", status: 200 }, 3_050);
      assert.equal((await outbox.list({ state: "delivered" })).length, 1);
    },
  },
];

export const endingLengthCases: readonly PortCase[] = [
  {
    name: "ends a session with the longest strings, and records its notifications",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const row = { ...longSession("a"), clients: [client(1)] };
      await sessions.create(row);
      assert.equal(await sessions.addClient("a", client(2), 1_500), true);
      const clients: ClientSession[] = [client(1), client(2)];
      // A string that is too long is rejected, or recorded like any other.
      for (const longer of [
        { clientId: "shop", sessionId: text(300, 11) },
        { clientId: "forum", sessionId: text(3_000, 12) },
        { clientId: text(600, 13) },
      ])
        if (await settled(async () => sessions.addClient("a", longer, 1_500))) clients.push(longer);
      const ids = clients.map(({ clientId }) => clientId).sort();
      assert.deepEqual([...(await atomic.clientsOf(step()))].sort(), ids);
      const ways = [{ kind: "logout" as const, logoutUri: longest("logoutUri") }];
      const notify = notices({
        clients: [{ clientId: client(1).clientId, by: "subject", ways }],
      });
      const result = await atomic.endSessions(step({ notify }));
      assert.deepEqual([result.ended, result.recorded], [1, clients.length]);
      const claimed = await claimedFrom(outbox);
      assert.deepEqual(claimed, noticesIn(result));
      assert.deepEqual(claimed.map(({ clientId }) => clientId).sort(), ids);
      for (const { id } of claimed) {
        await outbox.settle(id, { state: "delivered", status: 200 }, 2_050);
      }
      assert.equal((await outbox.list({ state: "delivered" })).length, clients.length);
    },
  },
];
