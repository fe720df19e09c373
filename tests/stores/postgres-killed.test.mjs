// PostgreSQL dies in the middle of a removal.
import { sql } from "kysely";
import { startPostgres } from "../servers/postgres.mjs";
import { CLIENTS, PAGES, SESSIONS, testKilled } from "./killed.mjs";
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
    ["the first page is read", /^select "s"/, 1],
    [
      "sessions of the first page are deleted, before the commit",
      /^delete from "rollcall_sessions"/,
      1,
    ],
    ["the third page is committed", /^commit/, 3],
    ["tokens are revoked on the fourth page, before the commit", /^with "gone"/, 4],
    [
      "the notifications are recorded on the last page, before the commit",
      /^insert into "rollcall_outbox"/,
      1,
    ],
    ["the last page is committed, and clients are being told", /^commit/, PAGES, true],
  ],
});
