// Keeps sessions in a Durable Object, whose alarm notifies the clients.
import { DurableObject } from "cloudflare:workers";
import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement, TicketStore } from "rollcall";
import { durableObjectDialect, migrate, sqlStores } from "rollcall/sql";
import { onlyAdministrators } from "../access.mjs";
import { hostOf } from "../host.mjs";
import { onRecorded } from "../recorded.mjs";

const OPTIONS = { dialect: "sqlite" };

/** Each attempt is a subrequest. An invocation has 50 of these on the free plan. */
const DELIVERIES = 200;

/** In milliseconds. Claims last as long, so the claims of a failed pass are due again then. */
const AFTER_A_FAILURE = 60_000;

export class Sessions extends DurableObject {
  #management;
  #tickets;
  #delivery;

  constructor(ctx, env) {
    super(ctx, env);
    const kysely = new Kysely({ dialect: durableObjectDialect(ctx.storage) });
    ctx.blockConcurrencyWhile(() => migrate(kysely, OPTIONS));
    // There's no I/O between recording and setting the alarm, so the object stores both or neither.
    const stores = onRecorded(sqlStores(kysely, OPTIONS), () => this.#wakeAt(Date.now()));
    // With `wait: 0` the calls themselves don't notify clients.
    const host = { ...stores, ...hostOf(env, { wait: 0 }) };
    this.#management = new SessionManagement(host);
    this.#tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: env.TICKET_KEY } } });
    this.#delivery = new LogoutDelivery(host);
  }

  signIn(session) {
    return this.#tickets.store(session);
  }

  removeSessions(context) {
    return this.#management.removeSessions(context);
  }

  async alarm() {
    let next = Date.now() + AFTER_A_FAILURE;
    try {
      const { more } = await this.#delivery.deliverDue({ limit: DELIVERIES });
      next = more ? Date.now() : await this.#nextAttempt();
    } catch (error) {
      console.error("a pass over the outbox failed:", error);
    }
    if (next !== undefined) await this.#wakeAt(next);
  }

  /** When the first pending notification is due. Without one, no alarm is needed. */
  async #nextAttempt() {
    let first;
    for await (const { nextAttempt } of this.#delivery.list({ state: "pending" })) {
      if (first === undefined || nextAttempt.getTime() < first) first = nextAttempt.getTime();
    }
    return first;
  }

  /** Sets the alarm. An object has only one, so an earlier one stays. */
  async #wakeAt(time) {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || time < set) await this.ctx.storage.setAlarm(time);
  }
}

export default {
  fetch: (request, env) =>
    onlyAdministrators(request, env, async () => {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method !== "DELETE" || pathname !== "/sessions")
        return new Response(null, { status: 404 });
      const subjectId = searchParams.get("subject");
      if (!subjectId) return new Response("whose sessions?", { status: 400 });
      // One object has all sessions; docs/stores/durable-objects.md explains how to shard them.
      const sessions = env.SESSIONS.get(env.SESSIONS.idFromName("all"));
      return Response.json(await sessions.removeSessions({ subjectId }));
    }),
};
