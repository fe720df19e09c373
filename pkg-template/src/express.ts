/**
 * The session cookie in Express 4 and 5, and in Connect: a middleware that reads and sets it, and
 * puts the session on the request. The guide is `docs/guides/sign-in.md`.
 *
 * @example
 * import express from "express";
 * import { sessionCookie } from "rollcall/express";
 *
 * const app = express();
 * app.use(sessionCookie({ tickets, coordination }));
 *
 * app.post("/sign-in", async (req, res) => {
 *   const user = await checkPassword(req.body);
 *   await req.rollcall.signIn({ subjectId: user.id, displayName: user.name });
 *   res.redirect("/");
 * });
 * app.get("/", (req, res) => res.send(req.rollcall.session?.displayName ?? "not signed in"));
 *
 * @module
 */

import { checkedOptions, type SessionCookieOptions } from "./sign-in/options.js";
import { RequestSession } from "./sign-in/request-session.js";

export type { CookieOptions } from "./sign-in/cookie.js";
export type { Coordination, SessionCookieOptions, Tickets } from "./sign-in/options.js";
export type { RequestSession } from "./sign-in/request-session.js";

declare global {
  // Express's own extension point for the members of a request.
  namespace Express {
    interface Request {
      /** The session of this request, set by `sessionCookie`. */
      rollcall: RequestSession;
    }
  }
}

/**
 * The members of a request that the middleware uses. Requests of Express and of `node:http` have
 * them.
 */
export interface CookieRequest {
  headers: { cookie?: string | undefined };
  rollcall?: RequestSession;
}

/**
 * The members of a response that the middleware uses. Responses of Express and of `node:http` have
 * them.
 */
export interface CookieResponse {
  readonly headersSent: boolean;
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: string | string[]): unknown;
}

/** A middleware for `app.use`. */
export type SessionCookieMiddleware = (
  request: CookieRequest,
  response: CookieResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes the middleware. It reads the session of each request, one read of the store if there is a
 * cookie, and puts it on `req.rollcall`. If the store fails, the error goes to `next`; the user
 * isn't treated as signed out. Mount it after static files, which need no session.
 *
 * A response that sets the cookie gets `Cache-Control: no-store`. Set that yourself for pages that
 * show data of the session.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed
 * @example
 * import { sessionCookie } from "rollcall/express";
 *
 * const middleware = sessionCookie({ tickets, coordination, cookie: { name: "__Host-idp" } });
 */
export function sessionCookie(options: SessionCookieOptions): SessionCookieMiddleware {
  const settings = checkedOptions(options);
  return (request, response, next) => {
    const target = {
      write(setCookie: string) {
        const others = [response.getHeader("set-cookie") ?? []].flat().map(String);
        const kept = others.filter((header) => !settings.cookie.isSetBy(header));
        response.setHeader("set-cookie", [...kept, setCookie]);
        response.setHeader("cache-control", "no-store");
      },
      hasBegun: () => response.headersSent,
    };
    RequestSession.read(settings, request.headers.cookie, target).then((session) => {
      request.rollcall = session;
      next();
    }, next);
  };
}
