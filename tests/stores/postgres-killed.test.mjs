// PostgreSQL dies in the middle of a removal.
import { sql } from "kysely";
import { startPostgres } from "../servers/postgres.mjs";
import { CLIENTS, SESSIONS, STEPS, testKilled } from "./killed.mjs";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";
import { connect, emptyStores } from "./postgres-drivers.mjs";

await testKilled("PostgreSQL", {
  start: startPostgres,
  connect: async (url, kyselyOptions) => {
    const kysely = await connect(url, "pg", kyselyOptions);
    return { kysely, stores: await emptyStores(kysely) };
  },
  fills: [
    sql`insert into rollcall_sessions (id, key, scheme, subject_id, session_id, renewed, clients)
      select ${sql.raw(rowIdAt("n", "n"))}, ${sql.raw(KEY_OF_NAME.postgres("'key ' || n"))}, 'default', 'subject ' || (n % 2),
        'sid ' || n, n, ${sql.lit(`{${CLIENTS}}`)} from generate_series(1::bigint, ${sql.lit(2 * SESSIONS)}) as n`,
    sql`insert into rollcall_session_clients (client_id, id)
      select hashtextextended(client, 0), id from rollcall_sessions, unnest(clients) as client`,
    sql`insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
      select 'grant of ' || session_id, 'refresh_token', subject_id, session_id, 'shop', renewed, '' from rollcall_sessions`,
  ],
  moments: [
    ["the first step is committed", /^with "picked"/, 1],
    ["the third step is committed", /^with "picked"/, 3],
    ["the last step is committed", /^with "picked"/, STEPS],
    ["notifications are claimed", /^update "rollcall_outbox"/, 1, true],
    ["one of them is settled", /^update "rollcall_outbox"/, 2, true],
  ],
});
