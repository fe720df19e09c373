import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement } from "rollcall";
import { adminApi, staticSecret } from "rollcall/http";
import { d1Dialect, sqlStores } from "rollcall/sql";

export default {
  fetch(request, env, ctx) {
    const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
    // To notify clients when a session ends, your provider adds `clients` and `sendLogout`, as
    // `examples/workers` does.
    const host = sqlStores(kysely, { dialect: "sqlite" });
    const api = adminApi({
      management: new SessionManagement(host),
      delivery: new LogoutDelivery(host),
      authorize: staticSecret({
        secret: env.ADMIN_SECRET,
        actor: "operator",
        permissions: ["read", "remove", "purge"],
      }),
    });
    return api(request, ctx); // `ctx.waitUntil` lets a removal finish if its caller disconnects
  },
};
