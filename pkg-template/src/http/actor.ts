/**
 * The caller of the API, and its permissions.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { isPlainObject, member } from "../plain-object.js";
import type { MaybePromise } from "../types.js";

/**
 * The permissions of an actor: `read` lists and shows, `remove` ends sessions of a subject and
 * retries notifications, `purge` ends everything that a filter matches. None implies another.
 */
export type Permission = "read" | "remove" | "purge";

/** All permissions. */
export const PERMISSIONS: readonly Permission[] = ["read", "remove", "purge"];

/** A field of a session that some administrators may not see. */
export type RedactedField = "ipAddress" | "userAgent" | "attributes";

const REDACTED_FIELDS: readonly RedactedField[] = ["ipAddress", "userAgent", "attributes"];

/**
 * The person or program that calls the API.
 *
 * @example
 * const actor: Actor = {
 *   actor: "carol",
 *   permissions: ["read"],
 *   issuers: ["https://id.example.com"],
 * };
 */
export interface Actor {
  /** Its name in the event log, such as a subject id or a client id. */
  actor: string;
  /** The calls that it may make. */
  permissions: readonly Permission[];
  /** Its subject id, if it signed in at this provider. */
  subjectId?: string | undefined;
  /**
   * Its own session. Removals by subject and purges don't end it, unless the call has `includeOwn:
   * true`.
   */
  sessionId?: string | undefined;
  /** Its display name, for the console. */
  displayName?: string | undefined;
  /** When it authenticated. `stepUp` needs it. */
  authTime?: Date | undefined;
  /**
   * The issuers whose sessions it may see and end. Sessions without an issuer are excluded. Absent:
   * all sessions.
   */
  issuers?: readonly string[] | undefined;
  /** Fields that it never sees, and can't filter by. */
  redact?: readonly RedactedField[] | undefined;
}

/**
 * Authorizes a call by the headers of its request; the request has no body. It returns the actor,
 * `false` if the caller is unknown (401), or `"forbidden"` if it is known but may not call (403).
 *
 * @param permission the permission that the call requires, so that it can be refused early: the API
 * checks `permissions` itself. `undefined` for `GET /v1/me`, which every actor may call.
 * @example
 * const authorize: Authorize = async (request) => {
 *   const session = await tickets.retrieve(cookieOf(request));
 *   if (session === undefined) return false;
 *   return { actor: session.subjectId, permissions: ["read", "remove"] };
 * };
 */
export type Authorize = (
  request: Request,
  permission: Permission | undefined,
) => MaybePromise<Actor | false | "forbidden">;

/**
 * Copies the actor that `authorize` returned.
 *
 * @throws {RollcallError} `invalid_argument` if it isn't one
 */
export function checkedActor(value: unknown): Actor {
  if (!isPlainObject(value)) {
    throw invalidArgument(
      '`authorize` must return an `Actor`, `false` for an unknown caller, or "forbidden"',
    );
  }
  const authTime = member(value, "authTime");
  if (authTime !== undefined && !(authTime instanceof Date && !Number.isNaN(authTime.getTime()))) {
    throw invalidArgument("`authTime` of the actor must be a valid `Date`");
  }
  const actor = text(value, "actor");
  const permissions = list(value, "permissions", PERMISSIONS);
  if (actor === undefined) throw invalidArgument("the actor has no `actor`: set its name");
  if (permissions === undefined) {
    throw invalidArgument("the actor has no `permissions`: set a list, which may be empty");
  }
  return {
    actor,
    permissions,
    subjectId: text(value, "subjectId"),
    sessionId: text(value, "sessionId"),
    displayName: text(value, "displayName"),
    authTime,
    issuers: list(value, "issuers"),
    redact: list(value, "redact", REDACTED_FIELDS),
  };
}

function text(value: object, name: string): string | undefined {
  const found = member(value, name);
  if (found === undefined || (typeof found === "string" && found.trim() !== "")) return found;
  throw invalidArgument(`\`${name}\` of the actor must be a string that isn't blank`);
}

function list<Word extends string>(
  value: object,
  name: string,
  words?: readonly Word[],
): Word[] | undefined {
  const found = member(value, name);
  if (found === undefined) return undefined;
  const isWord = (word: unknown): word is Word =>
    typeof word === "string" && word.trim() !== "" && (!words || words.includes(word as Word));
  if (Array.isArray(found) && found.every(isWord)) return [...found];
  const allowed = words === undefined ? "strings that aren't blank" : words.join(", ");
  throw invalidArgument(`\`${name}\` of the actor must be a list of ${allowed}`);
}
