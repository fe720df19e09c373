// Keeps sessions in D1. A message on a queue triggers a pass over the outbox; it doesn't contain
// the notifications.
import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement } from "rollcall";
import { d1Dialect, sqlStores } from "rollcall/sql";
import { onlyAdministrators } from "../access.mjs";
import { hostOf } from "../host.mjs";
import { onRecorded } from "../recorded.mjs";

/**
 * Each attempt is a subrequest and a query of D1. An invocation has 1,000 of each, and 50 on the
 * free plan.
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
      // Not awaited: if the message is lost, the cron trigger delivers the notifications.
      const stores = onRecorded(storesOn(env), () => ctx.waitUntil(env.NUDGES.send("deliver")));
      // With `wait: 0` the calls themselves don't notify clients.
      const management = new SessionManagement({ ...stores, ...hostOf(env, { wait: 0 }) });
      return Response.json(await management.removeSessions({ subjectId }));
    }),

  /** One pass serves all messages of a batch. If it fails, the queue delivers them again. */
  async queue(_batch, env) {
    const { more } = await deliver(env);
    if (more) await env.NUDGES.send("deliver");
  },

  /** Retries failed attempts. */
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
