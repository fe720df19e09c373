/**
 * The options of `sessionCookie`, and their check.
 *
 * @module
 */

import { optionsObject, requiredInstance } from "../options.js";
import type { SessionCoordination } from "../services/coordination.js";
import type { TicketStore } from "../services/tickets.js";
import { type CookieOptions, SessionCookie } from "./cookie.js";

/**
 * The options of `sessionCookie`.
 *
 * @example
 * import type { SessionCookieOptions } from "rollcall/express"; // or "rollcall/hono"
 *
 * const options: SessionCookieOptions = {
 *   tickets,
 *   coordination,
 *   cookie: { persistent: true },
 * };
 */
export interface SessionCookieOptions {
  tickets: Tickets;
  /**
   * Notifies clients and revokes tokens when a user signs out. Without it `signOut` only removes
   * the session.
   */
  coordination?: Coordination | undefined;
  cookie?: CookieOptions | undefined;
}

/** The methods of a `TicketStore` that the middleware calls. */
export type Tickets = Pick<
  TicketStore,
  "store" | "retrieve" | "renew" | "rotate" | "addClient" | "remove"
>;

/** The method of a `SessionCoordination` that the middleware calls. */
export type Coordination = Pick<SessionCoordination, "processLogout">;

/** The options, checked. */
export interface Settings {
  tickets: Tickets;
  coordination: Coordination | undefined;
  cookie: SessionCookie;
}

const OPTIONS: readonly (keyof SessionCookieOptions)[] = ["tickets", "coordination", "cookie"];

const TICKETS: readonly (keyof Tickets)[] = [
  "store",
  "retrieve",
  "renew",
  "rotate",
  "addClient",
  "remove",
];

/** @throws {RollcallError} `invalid_argument`, naming the option */
export function checkedOptions(options: SessionCookieOptions): Settings {
  const { tickets, coordination, cookie } = optionsObject(
    options,
    "the options of `sessionCookie`",
    OPTIONS,
  );
  return {
    tickets: requiredInstance(tickets, TICKETS, "`tickets` must be a `TicketStore`"),
    coordination:
      coordination &&
      requiredInstance(
        coordination,
        ["processLogout"],
        "`coordination` must be a `SessionCoordination`",
      ),
    cookie: new SessionCookie(cookie),
  };
}
