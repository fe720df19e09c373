// On SQLite a step by client finds its sessions before its transaction, so another call can end
// some of them in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { libsqlDialect, migrate, sqlStores } from "../../pkg/sql.js";
import { byName } from "./names.mjs";
import { session } from "./samples.mjs";
import { step } from "./steps.mjs";
import { OPTIONS, temporaryFile } from "./support.mjs";

/** Opens stores that run `meanwhile` after each statement that finds sessions by client. */
async function open(t, meanwhile) {
  const client = createClient({ url: `file:${await temporaryFile(t)}` });
  const execute = async (statement) => {
    const result = await client.execute(statement);
    if (/^select cast\("s"."id"/.test(statement.sql)) await meanwhile(client);
    return result;
  };
  const hooked = new Proxy(client, {
    get: (target, name) =>
      name === "execute" ? execute : Reflect.get(target, name, target)?.bind?.(target),
  });
  const kysely = new Kysely({ dialect: libsqlDialect(hooked) });
  t.after(() => kysely.destroy());
  await migrate(kysely, OPTIONS);
  return byName(sqlStores(kysely, OPTIONS));
}

test("a full step reports more, even if another call ended some of its sessions", async (t) => {
  const { sessions, atomic } = await open(t, (client) =>
    client.execute("delete from rollcall_sessions where session_id = 'sid of b'"),
  );
  for (const key of ["a", "b", "c", "d"]) {
    await sessions.create(session(key, { clients: [{ clientId: "shop" }] }));
  }
  const first = await atomic.endSessions(step({ filter: { clientId: "shop" }, limit: 3 }));
  assert.deepEqual([first.ended, first.more], [2, true]);
  const rest = step({ filter: { clientId: "shop" }, limit: 3, after: first.last });
  const second = await atomic.endSessions(rest);
  assert.deepEqual([second.ended, second.more], [1, false]);
  assert.equal(await sessions.count({}), 0);
});
