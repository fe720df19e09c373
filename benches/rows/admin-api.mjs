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
 * `@hono/node-server`, which has a `Response` without a stream. The fourth row is measured with it.
 *
 * SQLite answers within the process, so on it the API's work is the largest share of a call. The
 * last rows are the first and the fourth on PostgreSQL.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { deepStrictEqual } from "node:assert";
import { getRequestListener } from "@hono/node-server";
import { SessionManagement } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { filledPostgres } from "../engines/postgres.mjs";
import { filledSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";

const BUDGET = 1.15;

const request = () =>
  new Request("https://id.example.com/admin/v1/sessions", {
    headers: { authorization: "Bearer bench" },
  });

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  const sqlite = await filledSqlite(total);
  const onSqlite = sides(sqlite.stores);
  const postgres = await filledPostgres(total);
  const onPostgres = sides(postgres.stores);
  const page = "first page, count up to 10,000";
  const node = "the admin API, over `querySessions`";
  const documented = `${node}, with the \`Response\` of @hono/node-server`;

  deepStrictEqual(await onSqlite.throughApi(), await onSqlite.byHand());
  const findings = [
    {
      what: `${page}, SQLite: ${node}`,
      ratio: await pairedRatio(onSqlite.prepared, onSqlite.direct),
      budget: BUDGET,
    },
    {
      what: `${page}, SQLite: the same, with the objects of Fetch and the text`,
      ratio: await pairedRatio(onSqlite.throughApi, onSqlite.direct),
    },
    {
      what: `${page}, SQLite: the admin API, over a handler by hand, with both`,
      ratio: await pairedRatio(onSqlite.throughApi, onSqlite.byHand),
    },
    {
      what: `${page}, PostgreSQL: ${node}`,
      ratio: await pairedRatio(onPostgres.prepared, onPostgres.direct, { clock: "wall" }),
      budget: BUDGET,
    },
  ];
  // Replaces the global objects.
  getRequestListener((from) => onSqlite.api(from));
  findings.push(
    {
      what: `${page}, SQLite: ${documented}`,
      ratio: await pairedRatio(onSqlite.prepared, onSqlite.direct),
    },
    {
      what: `${page}, PostgreSQL: ${documented}`,
      ratio: await pairedRatio(onPostgres.prepared, onPostgres.direct, { clock: "wall" }),
    },
  );
  await sqlite.close();
  await postgres.close();
  return findings;
}

/**
 * The calls to measure, over these stores.
 *
 * @param {ConstructorParameters<typeof SessionManagement>[0]} stores
 */
function sides(stores) {
  const management = new SessionManagement(stores);
  const api = adminApi({
    management,
    authorize: () => ({ actor: "bench", permissions: ["read"] }),
  });
  const query = (/** @type {Request | undefined} */ from) =>
    management.querySessions({ count: "capped" }, from && { signal: from.signal });
  /** @type {Request[]} */
  let requests = [];
  return {
    api,
    direct: () => query(undefined),
    throughApi: async () => (await api(request())).text(),
    byHand: async () => Response.json(await query(request())).text(),
    // Each call has its own request, as in a host, because the first use of a signal costs more.
    prepared: {
      prepare: async (/** @type {number} */ calls) => {
        requests = Array.from({ length: calls }, request);
      },
      call: () => api(requests.pop() ?? request()),
    },
  };
}
