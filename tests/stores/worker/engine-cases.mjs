// Cases of the SQL stores beyond the conformance kit, for engines without interactive transactions.
import { strict as assert } from "node:assert";
import { sql } from "kysely";
import { migrate } from "rollcall/sql";
import { byName, namedStores } from "../names.mjs";
import { fullSession, notification, session } from "../samples.mjs";
import { notices, notified, step } from "../steps.mjs";

const OPTIONS = { dialect: "sqlite" };

export function engineCases(kysely, open) {
  return [
    {
      name: "engine: a transaction of the host is refused, with advice",
      run: async () => {
        const work = () =>
          kysely
            .transaction()
            .execute((transaction) => namedStores(transaction, OPTIONS).sessions.get("a"));
        await assert.rejects(work, {
          code: "invalid_argument",
          message: /no interactive transactions/,
        });
      },
    },
    {
      name: "engine: the tables are created once, even by repeated and concurrent migrations",
      run: async () => {
        await open();
        for (const table of [
          "rollcall_migrations",
          "rollcall_sessions",
          "rollcall_session_clients",
          "rollcall_grants",
          "rollcall_outbox",
        ]) {
          await sql`drop table ${sql.table(table)}`.execute(kysely);
        }
        await Promise.all(Array.from({ length: 5 }, () => migrate(kysely, OPTIONS)));
        await migrate(kysely, OPTIONS);
        const { rows } = await sql`select version from rollcall_migrations`.execute(kysely);
        assert.deepEqual(
          rows.map(({ version }) => version),
          [1],
        );
        const stores = namedStores(kysely, OPTIONS);
        await stores.sessions.create(fullSession("a"));
        assert.deepEqual(await stores.sessions.get("a"), fullSession("a"));
      },
    },
    {
      name: "engine: a step records notifications that are long in bytes",
      run: async () => {
        const { sessions, atomic, outbox } = byName(await open());
        const clients = Array.from({ length: 400 }, (_, n) => ({ clientId: `client ${n}` }));
        await sessions.create(session("a", { clients }));
        const logoutUri = `https://client.example.com/${"☎".repeat(3_000)}`;
        const { ended, recorded } = await atomic.endSessions(
          step({
            keys: ["a"],
            notify: notices({
              clients: clients.map(({ clientId }) => notified(clientId, "subject", logoutUri)),
            }),
          }),
        );
        assert.deepEqual([ended, recorded], [1, clients.length]);
        assert.equal((await outbox.list({})).length, clients.length);
      },
    },
    {
      name: "engine: a list of notifications with long addresses is limited to the maximum size of a value",
      run: async () => {
        const { outbox } = await open();
        const logoutUri = `https://client.example.com/${"x".repeat(2_000)}`;
        const entries = Array.from({ length: 3_000 }, (_, n) =>
          notification(`n${10_000 + n}`, { logoutUri }),
        );
        await outbox.add(entries);
        assert.equal((await outbox.list({})).length, entries.length);
      },
    },
  ];
}
