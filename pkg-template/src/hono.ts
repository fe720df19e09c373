/**
 * The session cookie in Hono: a middleware that reads and sets it, and puts the session on the
 * context. The guide is `docs/guides/sign-in.md`.
 *
 * @example
 * import { Hono } from "hono";
 * import { type SessionVariables, sessionCookie } from "rollcall/hono";
 *
 * const app = new Hono<{ Variables: SessionVariables }>();
 * app.use(sessionCookie({ tickets, coordination }));
 *
 * app.post("/sign-in", async (c) => {
 *   const user = await checkPassword(await c.req.parseBody());
 *   await c.var.rollcall.signIn({ subjectId: user.id, displayName: user.name });
 *   return c.redirect("/");
 * });
 * app.get("/", (c) => c.text(c.var.rollcall.session?.displayName ?? "not signed in"));
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import { checkedOptions, type SessionCookieOptions } from "./sign-in/options.js";
import { RequestSession } from "./sign-in/request-session.js";

export type { CookieOptions } from "./sign-in/cookie.js";
export type { Coordination, SessionCookieOptions, Tickets } from "./sign-in/options.js";
export type { RequestSession } from "./sign-in/request-session.js";

/** The variable that the middleware sets, for `new Hono<{ Variables: SessionVariables }>()`. */
export interface SessionVariables {
  rollcall: RequestSession;
}

/**
 * Makes the middleware. It reads the session of each request, one read of the store if there is a
 * cookie, and puts it on `c.var.rollcall`. If the store fails, the error is thrown; the user isn't
 * treated as signed out. Mount it after static files, which need no session.
 *
 * A response that sets the cookie gets `Cache-Control: no-store`. Set that yourself for pages that
 * show data of the session.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed
 * @example
 * import { sessionCookie } from "rollcall/hono";
 *
 * const middleware = sessionCookie({ tickets, coordination, cookie: { name: "__Host-idp" } });
 */
export function sessionCookie(
  options: SessionCookieOptions,
): MiddlewareHandler<{ Variables: SessionVariables }> {
  const settings = checkedOptions(options);
  return async (c, next) => {
    let written: string | undefined;
    let hasBegun = false;
    const target = {
      write(setCookie: string) {
        written = setCookie;
      },
      hasBegun: () => hasBegun,
    };
    c.set("rollcall", await RequestSession.read(settings, c.req.header("cookie"), target));
    try {
      await next();
    } finally {
      hasBegun = true;
      // Set last: a handler that returns its own `Response` would drop headers set earlier.
      if (written !== undefined) {
        c.header("set-cookie", written, { append: true });
        c.header("cache-control", "no-store");
      }
    }
  };
}
