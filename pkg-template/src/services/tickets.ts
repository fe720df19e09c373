/**
 * The sign-in path: what the identity provider calls when somebody signs in, comes back, or leaves.
 *
 * @module
 */

import { CoreTickets } from "../core.js";
import { KeyRing } from "../key-ring.js";
import { optionsObject } from "../options.js";
import type {
  ClientSession,
  Host,
  NewSession,
  SessionChange,
  SessionLimit,
  TicketKeys,
  TicketSession,
} from "../types.js";

/**
 * Stores sign-ins. The cookie value that `store` returns belongs into an HttpOnly cookie and
 * nowhere else: it is never stored, and its row is found by its SHA-256.
 *
 * A cookie value is 64 lower-case hex digits. Anything else is "not signed in", whatever its
 * type: no store is asked, and the methods answer as for a session that was removed.
 *
 * @example
 * const cookie = await tickets.store({ subjectId: "12345", ticket: { role: "editor" } });
 * const session = await tickets.retrieve(cookie); // at each request
 * const next = await tickets.rotate(cookie); // after a step-up: `cookie` has stopped working
 */
export class TicketStore {
  readonly #core: CoreTickets;
  readonly #keyRing: KeyRing;

  /**
   * Checks host and keys at once; throws `invalid_argument`.
   *
   * @param options `keys`: 256-bit keys by key id. `current` seals; keep older ones in the ring for
   *   as long as sessions live. `maxSessionsPerSubject`: enforced at each sign-in.
   */
  constructor(host: Host, options: { keys: TicketKeys; maxSessionsPerSubject?: SessionLimit }) {
    const known = ["keys", "maxSessionsPerSubject"];
    const { keys, maxSessionsPerSubject } = optionsObject(
      options,
      "the options of the ticket store",
      known,
    );
    this.#core = new CoreTickets(host, { maxSessionsPerSubject });
    this.#keyRing = new KeyRing(keys);
  }

  /**
   * Stores a sign-in and returns the value for its cookie. Rejects with `invalid_argument`,
   * `session_limit_reached` (by the policy `deny`) or `store_failed`.
   */
  store(session: NewSession): Promise<string> {
    return this.#core.store(this.#keyRing, session);
  }

  /**
   * The session of this cookie value, its ticket opened; `undefined` if it signs no user in:
   * the session was removed or has expired, or it has another cookie value by now. A ticket that
   * does not open gives `undefined` too and the event `ticket_unreadable`; its session can still be
   * listed and removed.
   */
  retrieve(cookie: string | undefined): Promise<TicketSession | undefined> {
    return this.#core.retrieve(this.#keyRing, cookie);
  }

  /**
   * Renews a session. The members of `change` are set, and `renewed` becomes now. Without
   * `expires`, a session that expires keeps `renewed` and its expiry, so that the span between them
   * stays. Returns the cookie value that is valid from now on, for the cookie; `undefined`: this
   * one signs no user in, and no session is made.
   *
   * The value stays the same, unless `change` has another `subjectId` or `sessionId`. That ends the
   * old session as `removeSessions` does and begins a new one with a new value; the former value
   * stops working at once.
   */
  renew(cookie: string | undefined, change: SessionChange): Promise<string | undefined> {
    return this.#core.renew(this.#keyRing, cookie, change);
  }

  /**
   * Replaces the cookie value of a session and returns the new one, for the cookie; the former one
   * stops working at once. For moments in which the rights of a session grow, such as a second
   * factor. `undefined`: this value signs no user in.
   *
   * Everything else stays, the session id among it. Don't renew the ticket at the same time: of a
   * ticket that is written while this call is under way, the former one may be kept.
   */
  rotate(cookie: string | undefined): Promise<string | undefined> {
    return this.#core.rotate(this.#keyRing, cookie);
  }

  /**
   * Records that a client takes part in the session, once for each client. `false`: this
   * cookie value signs no user in.
   */
  addClient(cookie: string | undefined, client: string | ClientSession): Promise<boolean> {
    return this.#core.addClient(this.#keyRing, cookie, client);
  }

  /**
   * Removes the session alone: no token is revoked and no client is notified. `false`: no session
   * has this cookie value.
   */
  remove(cookie: string | undefined): Promise<boolean> {
    return this.#core.remove(this.#keyRing, cookie);
  }
}
