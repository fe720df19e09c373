// The admin API on D1. A message on a queue says that there is something to deliver; what there is,
// the outbox alone knows.
import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement } from "rollcall";
import { d1Dialect, sqlStores } from "rollcall/sql";
import { onlyAdministrators } from "../access.mjs";
import { hostOf } from "../host.mjs";
import { onRecorded } from "../recorded.mjs";

/**
 * An attempt is a request to the client and a query of D1, of which an invocation has 1,000, and 50
 * on the free plan.
 */
const DELIVERIES = 400;

export default {
  fetch: (request, env, ctx) =>
    onlyAdministrators(request, env, async () => {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method !== "DELETE" || pathname !== "/sessions")
        return new Response(null, { status: 404 });
      const subjectId = searchParams.get("subject");
      if (!subjectId) return new Response("whose sessions?", { status: 400 });
      // Not awaited: should the message be lost, the cron trigger finds the notifications.
      const stores = onRecorded(storesOn(env), () => ctx.waitUntil(env.NUDGES.send("deliver")));
      // With `wait: 0` no call tells clients itself.
      const management = new SessionManagement({ ...stores, ...hostOf(env, { wait: 0 }) });
      return Response.json(await management.removeSessions({ subjectId }));
    }),

  /** However many messages there are: they all say the same. If the pass fails, they come again. */
  async queue(_batch, env) {
    const { more } = await deliver(env);
    if (more) await env.NUDGES.send("deliver");
  },

  /** For what is to be tried again later. */
  async scheduled(_controller, env) {
    const { more } = await deliver(env);
    if (more) await env.NUDGES.send("deliver");
  },
};

function storesOn(env) {
  return sqlStores(new Kysely({ dialect: d1Dialect(env.DB) }), { dialect: "sqlite" });
}

function deliver(env) {
  return new LogoutDelivery({ ...storesOn(env), ...hostOf(env) }).deliverDue({ limit: DELIVERIES });
}
