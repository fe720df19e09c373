// Keeps sessions in D1. A call notifies clients for a while, and a cron trigger does the rest.
import { Kysely } from "kysely";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "rollcall";
import { d1Dialect, sqlStores } from "rollcall/sql";
import { onlyAdministrators } from "../access.mjs";
import { hostOf } from "../host.mjs";

/**
 * Each attempt is a subrequest and a query of D1. An invocation has 1,000 of each, and 50 on the
 * free plan.
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

/** Makes a host for each invocation, because bindings belong to an invocation. It's cheap. */
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
      // The call returns after `delivery.wait`. Running attempts continue after the response.
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
