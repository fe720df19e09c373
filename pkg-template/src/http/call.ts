/**
 * One call of the API, as the checks and the routes see it.
 *
 * @module
 */

import type { Context } from "hono";
import type { Actor, Permission } from "./actor.js";
import type { Settings } from "./options.js";

/** Receives work that continues after the answer. */
export interface CallContext {
  waitUntil?: ((rest: Promise<unknown>) => void) | undefined;
}

/** The members of a body, which only the core checks. */
export type Members = Record<string, unknown> & {
  readonly [Name in MemberName]?: unknown;
};

/** The members that the API itself reads. */
type MemberName =
  | "actor"
  | "confirmToken"
  | "count"
  | "dryRun"
  | "everything"
  | "exceptSessionIds"
  | "filter"
  | "issuer"
  | "limit"
  | "reason"
  | "sessionId"
  | "sessions"
  | "subjectId";

/** The environment of the API's routes. */
export interface ApiEnvironment {
  Bindings: {
    context: CallContext;
    url: URL;
    /** Below the mount point. */
    path: string;
  };
  Variables: { actor: Actor; body: Members };
}

/** The context of one call. */
export type ApiContext = Context<ApiEnvironment>;

/** A route of the API. */
export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** With its parameters in Hono's form, such as `/v1/sessions/:sessionId`. */
  path: string;
  /** The permission that the actor must have; `undefined`: none. */
  permission: Permission | undefined;
  /** Whether there is a JSON body. */
  hasBody?: true;
  /** Answers the call after all checks. */
  answer: (c: ApiContext, settings: Settings) => Response | Promise<Response>;
}
