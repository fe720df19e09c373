/**
 * The sign-in path.
 *
 * @module
 */

import type { ClientSession, StoredSession } from "./session-store.js";

/**
 * A sign-in to be stored. Ids, schemes and addresses have at most 255 characters (Unicode code
 * points), names and issuers 500, user agents 16,000: a longer one is `invalid_argument`, because
 * not every store holds it.
 */
export interface NewSession {
  subjectId: string;
  /** Default: 16 random bytes, hex. */
  sessionId?: string | undefined;
  displayName?: string | undefined;
  /**
   * The issuer of this provider under which the session begins; it becomes the `iss` of logout
   * tokens. Never that of an upstream provider: clients refuse tokens with it. If the host declares
   * `issuers`, one of those; with a single one, that is the default.
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
  /** Whatever the host wants back; JSON. Sealed before it reaches the store. */
  ticket?: unknown;
}

/**
 * What changes at a renewal: what is absent stays, `null` clears. Another subject or session id
 * ends the session and begins a new one, with a new cookie value. The new one takes over `scheme`
 * and `expires` alone: it belongs to somebody else.
 *
 * Without `expires` a session that expires keeps its `renewed` too: from it to the expiry is the
 * span by which `validateSession` extends the session.
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

/** 256-bit keys by key id; strings are base64url. `current` seals, every key opens. */
export interface TicketKeys {
  current: string;
  keys: Record<string, Uint8Array | string>;
}
