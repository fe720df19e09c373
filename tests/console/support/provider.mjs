/**
 * A provider with the console and the admin API, on a free port of this machine.
 *
 * @module
 */

import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { consoleFiles } from "../../../pkg/console.js";
import { memoryStores } from "../../../pkg/entry/memory-node.js";
import { LogoutDelivery, SessionManagement } from "../../../pkg/entry/node.js";
import { adminApi, eventFeed } from "../../../pkg/http.js";
import { OWN } from "./world.mjs";

/**
 * Starts a provider. `contents` are those of `world()`. Its clients are notified as in the browser
 * mode: `payroll` fails once with 503, the others accept.
 *
 * @param {object} options
 * @param {object} [options.contents]
 * @param {object} [options.actor] members of the actor that differ
 * @param {object} [options.api] options of `adminApi` that differ
 */
export async function startProvider({ contents, actor, api: apiOptions } = {}) {
  const stores = memoryStores(contents);
  const events = eventFeed();
  const attempts = new Map();
  const host = {
    ...stores,
    onEvent: events.publish,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example/logout`,
    }),
    sendLogout: async ({ id, clientId }) => {
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      if (clientId === "payroll" && attempts.get(id) === 1) {
        return { delivered: false, retry: false, status: 503, error: "the client answered 503" };
      }
      return { delivered: true, status: 200 };
    },
  };
  const management = new SessionManagement(host);
  const delivery = new LogoutDelivery(host);
  const passes = setInterval(() => delivery.deliverDue().catch(() => undefined), 200);
  let current = {
    actor: OWN.subjectId,
    permissions: ["read", "remove", "purge"],
    ...OWN,
    ...actor,
  };
  const api = adminApi({
    management,
    delivery,
    events,
    basePath: "/admin/api",
    signIn: "/sign-in?return={return}",
    authorize: (request) => (typeof current === "function" ? current(request) : current),
    ...apiOptions,
  });
  const listener = getRequestListener((request) => api(request), { overrideGlobalObjects: false });
  const files = getRequestListener(consoleFiles({ basePath: "/admin" }), {
    overrideGlobalObjects: false,
  });
  const server = createServer((request, response) => {
    if (request.url.startsWith("/admin/api/")) listener(request, response);
    // Chromium asks for it if a page has no icon.
    else if (request.url === "/favicon.ico") response.writeHead(204).end();
    else files(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/admin/`,
    stores,
    management,
    publish: events.publish,
    /** Breaks all open connections. */
    disconnect: () => server.closeAllConnections(),
    /** Replaces the caller: an actor, `false`, `"forbidden"`, or a function of the request. */
    become: (actor) => {
      current = actor;
    },
    close: () => {
      clearInterval(passes);
      return new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
