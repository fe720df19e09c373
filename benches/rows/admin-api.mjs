// @ts-check
/**
 * A page through the admin API over the same query through `querySessions`, with a count up to
 * 10,000, which is the API's default.
 *
 * The budget is for the time from the `Request` to the `Response`, because with any handler the
 * host makes the request and writes the response. The second row includes both, with the objects of
 * Fetch. The third row is over a handler by hand, which calls `querySessions` with the signal of
 * the request. The difference is the API's own work: its route, checks, parameters and headers.
 *
 * Node's `Response` creates a stream for its body at once. The guide serves the API with
 * `@hono/node-server`, which has a `Response` without a stream. The last row is measured with it.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { deepStrictEqual } from "node:assert";
import { getRequestListener } from "@hono/node-server";
import { SessionManagement } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { filledSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";

const BUDGET = 1.15;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  const { stores, close } = await filledSqlite(total);
  const management = new SessionManagement(stores);
  const api = adminApi({
    management,
    authorize: () => ({ actor: "bench", permissions: ["read"] }),
  });

  const request = () =>
    new Request("https://id.example.com/admin/v1/sessions", {
      headers: { authorization: "Bearer bench" },
    });
  const query = (/** @type {Request | undefined} */ from) =>
    management.querySessions({ count: "capped" }, from && { signal: from.signal });
  const direct = () => query(undefined);
  const throughApi = async () => (await api(request())).text();
  const byHand = async () => Response.json(await query(request())).text();

  /** @type {Request[]} */
  let requests = [];
  // Each call has its own request, as in a host, because the first use of a signal costs more.
  const prepared = {
    prepare: async (/** @type {number} */ calls) => {
      requests = Array.from({ length: calls }, request);
    },
    call: () => api(requests.pop() ?? request()),
  };

  deepStrictEqual(await throughApi(), await byHand());
  const page = "first page, count up to 10,000, SQLite";
  const findings = [
    {
      what: `${page}: the admin API, over \`querySessions\``,
      ratio: await pairedRatio(prepared, direct),
      budget: BUDGET,
    },
    {
      what: `${page}: the same, with the objects of Fetch and the text`,
      ratio: await pairedRatio(throughApi, direct),
    },
    {
      what: `${page}: the admin API, over a handler by hand, with both`,
      ratio: await pairedRatio(throughApi, byHand),
    },
  ];
  // Replaces the global objects.
  getRequestListener((from) => api(from));
  findings.push({
    what: `${page}: the admin API, over \`querySessions\`, with the \`Response\` of @hono/node-server`,
    ratio: await pairedRatio(prepared, direct),
  });
  await close();
  return findings;
}
