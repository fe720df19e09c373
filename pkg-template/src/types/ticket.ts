/**
 * Types of the sign-in path.
 *
 * @module
 */

import type { ClientSession, StoredSession } from "./session-store.js";

/**
 * A sign-in to store. Ids, schemes and addresses have at most 255 characters (Unicode code points),
 * names and issuers 500, user agents 16,000. Longer strings are `invalid_argument`, because some
 * stores can't hold them.
 *
 * @example
 * const session: NewSession = {
 *   subjectId: "alice",
 *   displayName: "Alice Ng",
 *   expires: new Date(Date.now() + 8 * 3_600_000),
 *   clients: ["shop"],
 *   ticket: { role: "editor" },
 * };
 */
export interface NewSession {
  subjectId: string;
  /** Default: 16 random bytes in hex. */
  sessionId?: string | undefined;
  displayName?: string | undefined;
  /**
   * The issuer of this provider under which the session begins; it becomes the `iss` of logout
   * tokens. Never set it to an upstream provider: clients reject tokens with it. If the host
   * declares `issuers`, it must be one of those, and a single one is the default.
   */
  issuer?: string | undefined;
  /** Default `default`. */
  scheme?: string | undefined;
  /** Absent: the session never expires. */
  expires?: Date | string | number | undefined;
  clients?: (string | ClientSession)[] | undefined;
  ipAddress?: string | undefined;
  userAgent?: string | undefined;
  attributes?: Record<string, string> | undefined;
  /** Any JSON value for the host's own use. It is sealed before it reaches the store. */
  ticket?: unknown;
}

/**
 * The members to change at a renewal: absent members are kept, `null` clears. Another subject or
 * session id ends the session and begins a new one, with a new cookie value. The new session only
 * keeps `scheme` and `expires`, because it may belong to another user.
 *
 * Without `expires`, a session that expires keeps its `renewed` too, because `validateSession`
 * extends the session by the span from `renewed` to the expiry.
 */
export type SessionChange = {
  [Name in "subjectId" | "sessionId" | "scheme" | "ticket"]?: NewSession[Name] | undefined;
} & {
  [Name in "displayName" | "issuer" | "expires" | "ipAddress" | "userAgent" | "attributes"]?:
    | NewSession[Name]
    | null
    | undefined;
};

/** A stored session without its key and with its ticket opened. */
export type TicketSession = Omit<StoredSession, "key" | "ticket" | "displayNameFolded"> & {
  ticket?: unknown;
};

/**
 * 256-bit keys by key id; strings are base64url. `current` seals, every key opens.
 *
 * @example
 * // Rotation: put the new key first in the ring, and keep the old one for existing tickets.
 * const keys: TicketKeys = {
 *   current: "2027",
 *   keys: {
 *     "2027": crypto.getRandomValues(new Uint8Array(32)),
 *     "2026": crypto.getRandomValues(new Uint8Array(32)),
 *   },
 * };
 */
export interface TicketKeys {
  current: string;
  keys: Record<string, Uint8Array | string>;
}
