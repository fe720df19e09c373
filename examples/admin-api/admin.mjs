// @ts-check
/**
 * The admin API that these programs mount. It uses one SQLite file and accepts one caller with a
 * secret.
 *
 * @module
 */

import process from "node:process";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement } from "rollcall";
import { adminApi, eventFeed, staticSecret } from "rollcall/http";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";

const { ADMIN_SECRET, DATABASE = "sessions.db", ORIGIN, PORT = "8080" } = process.env;
if (!ADMIN_SECRET) throw new Error("ADMIN_SECRET is not set: see README.md");

export const port = Number(PORT);

const client = createClient({ url: `file:${DATABASE}` });
const kysely = new Kysely({ dialect: libsqlDialect(client) });
await migrate(kysely, { dialect: "sqlite" });

const events = eventFeed();

/** @type {import("rollcall").Host} */
const host = {
  ...sqlStores(kysely, { dialect: "sqlite" }),
  // To notify clients when a session ends, your provider adds `clients` and `sendLogout`, as
  // `examples/node-delivery` does.
  onEvent: events.publish,
};

export const api = adminApi({
  management: new SessionManagement(host),
  delivery: new LogoutDelivery(host),
  events,
  authorize: staticSecret({
    secret: ADMIN_SECRET,
    actor: "operator",
    permissions: ["read", "remove", "purge"],
  }),
  origin: ORIGIN,
});
