// @ts-check
/**
 * An admin API on Node with an audit log of its calls, including the refused ones.
 *
 * @module
 */

/** @import { Host } from "rollcall" */

import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { SessionManagement } from "rollcall";
import { adminApi, staticSecret } from "rollcall/http";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import { AuditLog } from "./audit-log.mjs";
import { auditTable, createAuditTable } from "./audit-table.mjs";

const { DATABASE = "sessions.db", PORT = "8080", ADMIN_SECRET = "" } = process.env;

const client = createClient({ url: `file:${DATABASE}` });
const kysely = new Kysely({ dialect: libsqlDialect(client) });
await migrate(kysely, { dialect: "sqlite" });
await createAuditTable(kysely);
const audit = new AuditLog({ write: auditTable(kysely) });

/** @type {Host} */
const host = {
  ...sqlStores(kysely, { dialect: "sqlite" }),
  onEvent: audit.record,
};
const api = adminApi({
  management: new SessionManagement(host),
  authorize: staticSecret({
    secret: ADMIN_SECRET,
    actor: "on-call",
    permissions: ["read", "remove"],
  }),
});

const server = createServer(getRequestListener((request) => api(request)));
server.listen(Number(PORT), "127.0.0.1");
await once(server, "listening");
console.log("listening on", server.address());

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    const closed = once(server, "close");
    server.close();
    await closed;
    // There are no more calls, so no event can follow.
    await audit.stop();
    await kysely.destroy();
    client.close();
    console.log("stopped");
  });
}
