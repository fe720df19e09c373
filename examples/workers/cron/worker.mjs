// The admin API on D1. A call tells clients for a while and leaves the rest to a cron trigger.
import { Kysely } from "kysely";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "rollcall";
import { d1Dialect, sqlStores } from "rollcall/sql";
import { onlyAdministrators } from "../access.mjs";
import { hostOf } from "../host.mjs";

/**
 * An attempt is a request to the client and a query of D1, of which an invocation has 1,000, and 50
 * on the free plan.
 */
const DELIVERIES = 200;
const EXPIRED_SESSIONS = 50;

export default {
  fetch: (request, env, ctx) =>
    onlyAdministrators(request, env, () => answer(request, hostOn(env), ctx)),

  async scheduled(_controller, env) {
    const host = hostOn(env);
    await new SessionCoordination(host).removeExpiredSessions({ batchSize: EXPIRED_SESSIONS });
    const pass = await new LogoutDelivery(host).deliverDue({ limit: DELIVERIES });
    console.log("delivered from the outbox:", pass);
  },
};

/** Made anew for each invocation: it uses the bindings of its own, and costs nothing. */
function hostOn(env) {
  const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
  return { ...sqlStores(kysely, { dialect: "sqlite" }), ...hostOf(env) };
}

async function answer(request, host, ctx) {
  const { pathname, searchParams } = new URL(request.url);
  const delivery = new LogoutDelivery(host);
  switch (`${request.method} ${pathname}`) {
    case "DELETE /sessions": {
      const subjectId = searchParams.get("subject");
      if (!subjectId) return new Response("whose sessions?", { status: 400 });
      // After `delivery.wait` the call returns; attempts that are under way then go on behind the
      // response.
      const options = { waitUntil: (rest) => ctx.waitUntil(rest) };
      return Response.json(
        await new SessionManagement(host).removeSessions({ subjectId }, options),
      );
    }
    case "GET /deliveries": {
      const deliveries = [];
      for await (const entry of delivery.list({ state: searchParams.get("state") ?? "failed" })) {
        if (deliveries.push(entry) === 100) break;
      }
      return Response.json(deliveries);
    }
    case "POST /deliveries/retry":
      return Response.json({ due: await delivery.retry(searchParams.get("id") ?? "") });
    default:
      return new Response(null, { status: 404 });
  }
}
