/**
 * The routes that list notifications and retry them.
 *
 * @module
 */

import type { OutboxFilter } from "../types.js";
import type { Actor } from "./actor.js";
import type { ApiContext } from "./call.js";
import type { Settings } from "./options.js";
import { DELIVERIES_QUERY, NO_QUERY, parse, pathId } from "./parameters.js";
import { Problem } from "./problem.js";
import { jsonResponse } from "./response.js";
import { pageLink } from "./sessions.js";

/** `GET /v1/deliveries`. */
export async function listDeliveries(c: ApiContext, settings: Settings): Promise<Response> {
  const { url } = c.env;
  const { after, limit, ...filter } = parse(DELIVERIES_QUERY, url.searchParams);
  const page = await deliveryOf(settings).page(
    { ...filter, ...issuersOf(c.var.actor) },
    {
      signal: c.req.raw.signal,
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    },
  );
  const link = page.after && pageLink(url, "next", { after: page.after });
  return jsonResponse(page, link === undefined ? {} : { link });
}

/** `POST /v1/deliveries/{id}/retry`. */
export async function retryDelivery(c: ApiContext, settings: Settings): Promise<Response> {
  const delivery = deliveryOf(settings);
  parse(NO_QUERY, c.env.url.searchParams);
  const id = pathId(c, "id");
  const { actor } = c.var;
  if (actor.issuers !== undefined) {
    const { deliveries } = await delivery.page({ id, ...issuersOf(actor) }, { limit: 1 });
    if (deliveries.length === 0) return jsonResponse({ retried: false });
  }
  return jsonResponse({ retried: await delivery.retry(id) });
}

function issuersOf({ issuers }: Actor): OutboxFilter {
  return issuers === undefined ? {} : { issuers: [...issuers] };
}

function deliveryOf({ delivery }: Settings): NonNullable<Settings["delivery"]> {
  if (delivery !== undefined) return delivery;
  throw new Problem(
    "not_configured",
    "notifications can't be listed: `adminApi` has no `delivery`",
  );
}
