/**
 * The session cookie: its name, its attributes, and reading it from a request.
 *
 * @module
 */

import { parse, serialize } from "hono/utils/cookie";
import { invalidArgument } from "../errors.js";
import { optionsObject } from "../options.js";
import type { TicketSession } from "../types.js";

/**
 * The cookie that `sessionCookie` reads and sets.
 *
 * @example
 * import type { CookieOptions } from "rollcall/express"; // or "rollcall/hono"
 *
 * const cookie: CookieOptions = {
 *   name: "__Host-idp",
 *   // The sign-in kept the answer to "stay signed in" in the ticket.
 *   persistent: ({ ticket }) => (ticket as { stay: boolean }).stay,
 * };
 */
export interface CookieOptions {
  /**
   * Default `__Host-session`. With the prefix `__Host-`, a browser accepts the cookie only from
   * this host, only over https and only with `Path=/`, so no other subdomain can set it. With
   * `insecure` the default is `session`.
   */
  name?: string | undefined;
  /**
   * Default `Lax`: the browser sends the cookie when a link or a redirect from another site (such
   * as a relying party) opens a page, but not with other sites' forms and requests. With `Strict`,
   * these users look signed out. `None` gives up that protection: check the origin of every
   * request.
   */
  sameSite?: "Lax" | "Strict" | "None" | undefined;
  /**
   * Whether the cookie survives closing the browser (`Max-Age`): until the session expires, or for
   * 400 days, the browsers' maximum, if it never expires. Default false: the cookie ends when the
   * browser closes. A function decides by the session each time the cookie is written: for a "stay
   * signed in" checkbox, keep the answer in the ticket.
   */
  persistent?: boolean | ((session: TicketSession) => boolean) | undefined;
  /**
   * **Never in production.** Drops `Secure` and the prefix `__Host-`, for development over plain
   * http, where browsers reject secure cookies: anyone who reads the traffic can then take over the
   * session. Logs a warning to the console. Default false.
   */
  insecure?: boolean | undefined;
}

const OPTIONS: readonly (keyof CookieOptions)[] = ["name", "sameSite", "persistent", "insecure"];

const SAME_SITE: readonly unknown[] = ["Lax", "Strict", "None"];

/** Names with these prefixes are reserved for secure cookies. Browsers ignore their case. */
const SECURE_PREFIX = /^__(?:Host|Secure|Http)-/i;

/** 400 days in seconds: browsers keep no cookie longer than that (RFC 6265bis, section 5.5). */
const LONGEST = 34_560_000;

/** Writes the cookie, and reads it from a request. */
export class SessionCookie {
  readonly #name: string;
  readonly #persistent: (session: TicketSession) => unknown;
  readonly #attributes;

  /** @throws {RollcallError} `invalid_argument` */
  constructor(options: CookieOptions | undefined) {
    const {
      insecure = false,
      name = insecure ? "session" : "__Host-session",
      sameSite = "Lax",
      persistent = false,
    } = optionsObject(options, "`cookie`", OPTIONS);
    if (typeof insecure !== "boolean") {
      throw invalidArgument("`insecure` must be true or false");
    }
    if (!SAME_SITE.includes(sameSite)) {
      throw invalidArgument('`sameSite` must be "Lax", "Strict" or "None"');
    }
    if (insecure && sameSite === "None") {
      throw invalidArgument(
        '`sameSite` can\'t be "None" with `insecure`: browsers reject such a cookie',
      );
    }
    if (typeof persistent !== "boolean" && typeof persistent !== "function") {
      throw invalidArgument("`persistent` must be true, false or a function");
    }
    if (typeof name !== "string" || name === "") {
      throw invalidArgument("`name` must be the name of a cookie");
    }
    if (insecure && SECURE_PREFIX.test(name)) {
      throw invalidArgument(
        `\`name\` can't be \`${name}\` with \`insecure\`: browsers only accept a cookie with this prefix if it is secure`,
      );
    }
    this.#name = name;
    this.#persistent = typeof persistent === "function" ? persistent : () => persistent;
    this.#attributes = { path: "/", httpOnly: true, secure: !insecure, sameSite } as const;
    try {
      this.cleared();
    } catch (error) {
      throw invalidArgument("`name` must be the name of a cookie", error);
    }
    if (insecure) {
      console.warn(
        "rollcall: `insecure` is set, so the session cookie is sent over plain http: never in production",
      );
    }
  }

  /**
   * The value in the header `Cookie`. `undefined` if there is none, or more than one: then it's
   * unknown which one this site set.
   */
  read(header: string | undefined): string | undefined {
    const name = this.#name;
    const values = header?.split(";").flatMap((pair) => parse(pair, name)[name] ?? []);
    return values?.length === 1 ? values[0] : undefined;
  }

  /** The `Max-Age` for this session in seconds; `undefined` if the cookie ends with the browser. */
  maxAge(session: TicketSession): number | undefined {
    if (!this.#persistent(session)) return undefined;
    const { expires = Number.POSITIVE_INFINITY } = session;
    return Math.min(Math.ceil((expires - Date.now()) / 1000), LONGEST);
  }

  /** The header `Set-Cookie` that sets a value. */
  issued(value: string, maxAge?: number): string {
    return this.#serialized(value, maxAge);
  }

  /** The header `Set-Cookie` that removes the cookie. */
  cleared(): string {
    return this.#serialized("", 0);
  }

  /** Whether a header `Set-Cookie` sets this cookie. */
  isSetBy(header: string): boolean {
    return header.startsWith(`${this.#name}=`);
  }

  #serialized(value: string, maxAge: number | undefined): string {
    return serialize(this.#name, value, {
      ...this.#attributes,
      ...(maxAge !== undefined && { maxAge }),
    });
  }
}
