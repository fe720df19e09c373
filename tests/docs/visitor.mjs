/**
 * The common part of the programs that test the sign-in of the guides: a host, and a browser
 * without pages.
 *
 * @module
 */

/** The host, with one user and a client that accepts every notification. */
export const host = `
  import { memoryStores } from "rollcall/memory";
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: ({ sessionId }) => { console.log("notified"); return { delivered: true }; },
  };
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const checkPassword = (username, password) =>
    password === "right" ? { id: username, name: username.toUpperCase() } : undefined;
`;

/**
 * Calls `listener`, which must be declared, over HTTP. `await ask(visitor, "POST /path", form)`
 * keeps the cookie in `visitor`.
 */
export const visits = `
  import { once } from "node:events";
  import { createServer as create } from "node:http";
  const http = create(listener).listen(0, "127.0.0.1");
  await once(http, "listening");
  const origin = "http://127.0.0.1:" + http.address().port;
  async function ask(visitor, request, form = {}) {
    const [method, path] = request.split(" ");
    const response = await fetch(origin + path, {
      method,
      redirect: "manual",
      headers: { origin, "user-agent": "a browser", ...(visitor.cookie && { cookie: visitor.cookie }) },
      ...(method === "POST" && { body: new URLSearchParams(form) }),
    });
    const [setCookie] = response.headers.getSetCookie();
    if (setCookie !== undefined) {
      visitor.setCookie = setCookie.replace(/[0-9a-f]{64}/, "VALUE");
      visitor.cookie = setCookie.split(";")[0];
    }
    const text = await response.text();
    return response.status + (text.startsWith("{") ? " " + text : "");
  }
`;
