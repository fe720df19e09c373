// @ts-check
/**
 * A page through the admin API, from the request to the text of the answer, over the same query of
 * `querySessions`, with the count up to 10,000 that is the default of the API.
 *
 * The budget is over `querySessions` alone, so the JSON of the page and the objects of Fetch are in
 * what the API adds. The other row is over a handler by hand: it makes the same request, calls
 * `querySessions` with its signal, and reads the text of `Response.json`. What is left there is the
 * API's own: its route, checks, parameters and headers.
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
  const throughApi = async () => (await api(request())).text();
  const byHand = async () => Response.json(await query(request())).text();

  deepStrictEqual(await throughApi(), await byHand());
  const findings = [
    {
      what: "first page, count up to 10,000, SQLite: the admin API, over `querySessions`",
      ratio: await pairedRatio(throughApi, () => query(undefined)),
      budget: BUDGET,
    },
    {
      what: "first page, count up to 10,000, SQLite: the admin API, over a handler by hand",
      ratio: await pairedRatio(throughApi, byHand),
      budget: BUDGET,
    },
  ];
  await close();
  return findings;
}
