/**
 * Cases of a session that gets another key, as with each new cookie value.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { PortCase, Stores } from "./case.js";
import { createAll, fullSession, keysOf, pagesOf, session, times } from "./samples.js";

type Sessions = Stores["sessions"];

const NOW = 2_000;

/** The number of attempts: enough for a hundred partitions. */
const MAX_TRIED = 2_000;

/** A name whose key this store can give to the session with the other name. */
export async function otherKey(
  sessions: Sessions,
  name: string,
  prefix = "other",
): Promise<string> {
  for (let n = 0; n < MAX_TRIED; n += 1) {
    const other = `${prefix} ${n}`;
    if ((await sessions.sharePartition(name, other)) === true) return other;
  }
  return assert.fail("`sharePartition` is true for no other key");
}

/** Checks that no session has this key. */
async function assertUnknown(sessions: Sessions, key: string): Promise<void> {
  assert.equal(await sessions.get(key), undefined);
  assert.equal(await sessions.update(key, { renewed: 9_000 }), false);
  assert.equal(await sessions.addClient(key, { clientId: "late" }, NOW), false);
  assert.deepEqual(await sessions.remove([key]), []);
}

const ALL = { filter: {}, order: "newest", limit: 2 } as const;

export const keyCases: readonly PortCase[] = [
  {
    name: "gives a session another key, and finds it only by that key",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [
        session("before", { created: 500 }),
        fullSession("a"),
        session("after", { created: 1_500 }),
      ]);
      const { positions, ids } = await sessions.list({ ...ALL, limit: 10 });
      const key = await otherKey(sessions, "a");
      assert.equal(await sessions.update("a", { key, ticket: "sealed anew" }), true);
      await assertUnknown(sessions, "a");
      assert.deepEqual(await sessions.get(key), {
        ...fullSession("a"),
        key,
        ticket: "sealed anew",
      });
      const page = await sessions.list({ ...ALL, limit: 10 });
      assert.deepEqual(keysOf(page.sessions), ["after", key, "before"]);
      assert.deepEqual(page.positions, positions, "its place in a list stays");
      assert.deepEqual(page.ids, ids, "its row id stays");
      assert.deepEqual(await pagesOf(sessions, ALL), [["after", key], ["before"]]);
      assert.equal(await sessions.count({}), 3);
      assert.equal(await sessions.addClient(key, { clientId: "new" }, NOW), true);
      assert.deepEqual(keysOf(await sessions.remove([key])), [key]);
      assert.deepEqual(await sessions.get(key), undefined);
    },
  },
  {
    name: "accepts the previous key of a session again",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const key = await otherKey(sessions, "a");
      await sessions.update("a", { key });
      await sessions.create(session("a", { subjectId: "bob" }));
      assert.equal((await sessions.get("a"))?.subjectId, "bob");
      assert.equal((await sessions.get(key))?.subjectId, "alice");
    },
  },
  {
    name: "rejects the key of another session in a change, and changes nothing",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const key = await otherKey(sessions, "a");
      await sessions.create(session(key));
      await assert.rejects(async () => sessions.update("a", { key, scheme: "changed" }));
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
      assert.deepEqual(await sessions.get(key), session(key));
    },
  },
  {
    name: "ignores a session's own key in a change, and changes no missing session",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      assert.equal(await sessions.update("a", { key: "a", renewed: 3_000 }), true);
      assert.deepEqual(await sessions.get("a"), { ...fullSession("a"), renewed: 3_000 });
      const key = await otherKey(sessions, "none");
      assert.equal(await sessions.update("none", { key }), false);
      assert.equal(await sessions.get(key), undefined);
      assert.equal(await sessions.count({}), 1);
    },
  },
  {
    name: "keeps a client that is added during a change of the key, if it was added",
    run: async ({ open }) => {
      const { sessions } = await open();
      for (const name of times(20, (n) => `key ${n}`)) {
        await sessions.create(session(name));
        const key = await otherKey(sessions, name, `other than ${name},`);
        const [isChanged, isAdded] = await Promise.all([
          (async () => sessions.update(name, { key }))(),
          (async () => sessions.addClient(name, { clientId: "shop" }, NOW))(),
        ]);
        assert.equal(isChanged, true);
        const { clients } = (await sessions.get(key)) ?? { clients: undefined };
        assert.deepEqual(clients, isAdded ? [{ clientId: "shop" }] : []);
      }
    },
  },
  {
    name: "lets either a removal or a change of the key succeed, if both run at once",
    run: async ({ open }) => {
      const { sessions } = await open();
      for (const name of times(20, (n) => `key ${n}`)) {
        await sessions.create(session(name));
        const key = await otherKey(sessions, name, `other than ${name},`);
        const [isChanged, removed] = await Promise.all([
          (async () => sessions.update(name, { key }))(),
          (async () => sessions.remove([name]))(),
        ]);
        assert.deepEqual(keysOf(removed), isChanged ? [] : [name]);
        assert.equal((await sessions.get(key)) !== undefined, isChanged);
        await assertUnknown(sessions, name);
      }
    },
  },
  {
    name: "lets one of two concurrent changes of the key succeed",
    run: async ({ open }) => {
      const { sessions } = await open();
      for (const name of times(20, (n) => `key ${n}`)) {
        await sessions.create(session(name));
        const keys = await Promise.all(
          ["one", "two"].map((which) => otherKey(sessions, name, `${which} for ${name},`)),
        );
        const changed = await Promise.all(keys.map(async (key) => sessions.update(name, { key })));
        assert.deepEqual([...changed].sort(), [false, true]);
        const found = await Promise.all(keys.map(async (key) => sessions.get(key)));
        assert.deepEqual(
          found.map((row) => row !== undefined),
          changed,
        );
      }
    },
  },
];
