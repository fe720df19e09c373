/**
 * The route with the numbers for a dashboard.
 *
 * @module
 */

import type { SessionCount, SessionQuery } from "../types.js";
import type { ApiContext } from "./call.js";
import type { Settings } from "./options.js";
import { parse, STATS_QUERY } from "./parameters.js";
import { jsonResponse } from "./response.js";
import { limitedQuery } from "./scope.js";
import type { Stats } from "./shapes.js";

const HOUR = 3_600_000;
const DEFAULT_HOURS = 24;
/** How long numbers are cached, in milliseconds. */
const KEPT_FOR = 15_000;
/** Counts of sessions stop at this number. */
const COUNT_CAP = 10_000;
/**
 * Counts of an hour stop at this number: with a higher one, 24 of them would cost over 10 times as
 * much as one count to {@link COUNT_CAP}, on SQLite and PostgreSQL with 1,000,000 sessions.
 */
const HOUR_CAP = 1_000;
/** Counts of notifications stop at this number, because they are counted by listing. */
const DELIVERY_CAP = 1_000;
/** The maximum number of concurrent counts. */
const AT_ONCE = 8;

/** The number of cached results: one for each number of hours and set of issuers. */
const KEPT = 100;

/**
 * Makes `GET /v1/stats`. Only finished numbers are shared: on Cloudflare Workers a request can't
 * wait for the work of another.
 */
export function statsRoute(): (c: ApiContext, settings: Settings) => Promise<Response> {
  const kept = new Map<string, { stats: Stats; at: number }>();
  return async (c, settings) => {
    const { hours = DEFAULT_HOURS } = parse(STATS_QUERY, c.env.url.searchParams);
    const { issuers } = c.var.actor;
    const key = JSON.stringify([hours, issuers === undefined ? null : [...issuers].sort()]);
    const found = kept.get(key);
    if (found !== undefined && Date.now() - found.at < KEPT_FOR) return jsonResponse(found.stats);
    const stats = await counted(c, settings, hours);
    kept.delete(key);
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, { stats, at: Date.now() });
    return jsonResponse(stats);
  };
}

async function counted(c: ApiContext, settings: Settings, hours: number): Promise<Stats> {
  const now = Date.now();
  const count = (query: SessionQuery) => countOf(c, settings, query, COUNT_CAP);
  const [active, expired, expiringWithinHour] = await Promise.all([
    count({ state: "active" }),
    count({ state: "expired" }),
    count({ expires: { after: now, before: now + HOUR } }),
  ]);
  const ranges = hoursUntil(now, hours);
  const created = await inTurn(
    ranges.map(({ after, before }) => async () => ({
      from: new Date(after).toISOString(),
      to: new Date(before).toISOString(),
      ...(await countOf(c, settings, { created: { after, before } }, HOUR_CAP)),
    })),
  );
  const clients = await inTurn(
    settings.statsClients.map((clientId) => async () => ({
      clientId,
      active: await count({ clientId, state: "active" }),
    })),
  );
  return {
    at: new Date(now).toISOString(),
    active,
    expired,
    expiringWithinHour,
    created,
    ...(clients.length > 0 && { clients }),
    ...(settings.delivery !== undefined && { deliveries: await deliveryCounts(c, settings) }),
  };
}

/** The last hours, each from a full hour to the next; the last one is incomplete. */
function hoursUntil(now: number, hours: number): { after: number; before: number }[] {
  const end = (Math.floor(now / HOUR) + 1) * HOUR;
  return Array.from({ length: hours }, (_, index) => {
    const after = end - (hours - index) * HOUR;
    return { after, before: after + HOUR };
  });
}

function countOf(
  c: ApiContext,
  { management }: Settings,
  query: SessionQuery,
  upTo: number,
): Promise<SessionCount> {
  const limited = limitedQuery(c.var.actor, { ...query });
  const { signal } = c.req.raw;
  return management.countSessions(limited, { upTo, signal });
}

async function deliveryCounts(
  c: ApiContext,
  { delivery }: Settings,
): Promise<NonNullable<Stats["deliveries"]>> {
  const { issuers } = c.var.actor;
  const count = async (state: "pending" | "failed"): Promise<SessionCount> => {
    const filter = { state, ...(issuers !== undefined && { issuers: [...issuers] }) };
    const page = await delivery?.page(filter, { limit: DELIVERY_CAP, signal: c.req.raw.signal });
    const { deliveries = [], after } = page ?? {};
    return { count: deliveries.length, ...(after !== undefined && { capped: true as const }) };
  };
  return { pending: await count("pending"), failed: await count("failed") };
}

/** The results of these tasks, a few at a time. */
async function inTurn<Result>(tasks: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const results: Result[] = [];
  for (let begin = 0; begin < tasks.length; begin += AT_ONCE) {
    results.push(...(await Promise.all(tasks.slice(begin, begin + AT_ONCE).map((task) => task()))));
  }
  return results;
}
