// @ts-check
// A Worker that serves the admin API on D1. The row `worker-size` compares it with `worker.mjs`.
import { Kysely } from "kysely";
import { SessionManagement } from "rollcall";
import { adminApi, staticSecret } from "rollcall/http";
import { d1Dialect, sqlStores } from "rollcall/sql";

export default {
  /**
   * @param {Request} request
   * @param {{ DB: import("rollcall/sql").D1Client, SECRET: string }} env
   * @param {{ waitUntil(rest: Promise<unknown>): void }} context
   */
  async fetch(request, env, context) {
    const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
    const management = new SessionManagement(sqlStores(kysely, { dialect: "sqlite" }));
    const authorize = staticSecret({
      secret: env.SECRET,
      actor: "operator",
      permissions: ["read", "remove", "purge"],
    });
    return adminApi({ management, authorize })(request, context);
  },
};
