import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement } from "rollcall";
import { adminApi, staticSecret } from "rollcall/http";
import { d1Dialect, sqlStores } from "rollcall/sql";

export default {
  fetch(request, env, ctx) {
    const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
    // Your provider adds `clients` and `sendLogout`, as `examples/workers` does: then the clients
    // of each session that ends are notified.
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
    return api(request, ctx); // with its `waitUntil`, a removal outlives its caller
  },
};
