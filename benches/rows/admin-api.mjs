// @ts-check
/**
 * A page through the admin API over the same query of `querySessions`, with the count up to 10,000
 * that is the default of the API.
 *
 * The budget is for the time from the `Request` to the `Response`. The host makes the one and
 * writes the other with every handler. The second row has both, by the objects of Fetch. The third
 * one is over a handler by hand, which calls `querySessions` with the signal of the request. The
 * rest is the API's own: its route, checks, parameters and headers.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { deepStrictEqual } from "node:assert";
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
  const one = request();
  const throughApi = async () => (await api(request())).text();
  const byHand = async () => Response.json(await query(request())).text();

  deepStrictEqual(await throughApi(), await byHand());
  const page = "first page, count up to 10,000, SQLite";
  const findings = [
    {
      what: `${page}: the admin API, over \`querySessions\``,
      ratio: await pairedRatio(
        () => api(one),
        () => query(undefined),
      ),
      budget: BUDGET,
    },
    {
      what: `${page}: the same, with the objects of Fetch and the text`,
      ratio: await pairedRatio(throughApi, () => query(undefined)),
    },
    {
      what: `${page}: the admin API, over a handler by hand, with both`,
      ratio: await pairedRatio(throughApi, byHand),
    },
  ];
  await close();
  return findings;
}
