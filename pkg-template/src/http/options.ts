/**
 * The options of the admin API, and their check.
 *
 * @module
 */

import { forLog } from "../core/errors.js";
import { invalidArgument } from "../errors.js";
import {
  checkedBasePath,
  checkFunction,
  listed,
  optionsObject,
  requiredFunction,
  requiredInstance,
} from "../options.js";
import type { LogoutDelivery } from "../services/delivery.js";
import type { SessionManagement } from "../services/management.js";
import type { MaybePromise } from "../types.js";
import { type Actor, type Authorize, PERMISSIONS, type Permission } from "./actor.js";
import type { EventSource } from "./event-feed.js";

/** The calls of `SessionManagement` that the API makes. */
export type AdminManagement = Pick<
  SessionManagement,
  | "querySessions"
  | "countSessions"
  | "removeSessions"
  | "purgeSessions"
  | "capabilities"
  | "reportDenied"
>;

/**
 * The options of `adminApi`.
 *
 * @example
 * const options: AdminApiOptions = {
 *   management,
 *   delivery,
 *   events: eventFeed(),
 *   authorize,
 *   origin: "https://id.example.com",
 *   limit: (actor) => secondsToWait(actor.actor),
 * };
 */
export interface AdminApiOptions {
  management: AdminManagement;
  /** Lists notifications and retries them. Without it those routes are 501 `not_configured`. */
  delivery?: Pick<LogoutDelivery, "page" | "retry"> | undefined;
  /** The events of `GET /v1/events`. Without it that route is 501 `not_configured`. */
  events?: EventSource | undefined;
  /**
   * Authenticates the caller and returns its permissions. There is no default: `adminApi` throws
   * without it.
   */
  authorize: Authorize;
  /**
   * The path under which the handler sees its routes, such as `/admin/api`. Default: everything
   * before the first `/v1/` of a request's path.
   */
  basePath?: string | undefined;
  /**
   * The public origin, such as `https://id.example.com`. Set it if a proxy hides it: requests of
   * browsers that don't send `Sec-Fetch-Site` are compared with it. Default: the origin of the
   * request.
   */
  origin?: string | undefined;
  /**
   * The URL where a user signs in, for the console. `{return}` in it is replaced by the address of
   * the page to return to.
   */
  signIn?: string | undefined;
  /**
   * Rate-limits an actor: returns the seconds that the caller must wait (429), or `undefined` to
   * accept the call.
   */
  limit?:
    | ((actor: Actor, permission: Permission | undefined) => MaybePromise<number | undefined>)
    | undefined;
  /** Whether each removal and confirmed purge must have a `reason`. Default `false`. */
  requireReason?: boolean | undefined;
  /**
   * Calls that require one of these permissions (default: `purge`) need an `authTime` of the actor
   * that is at most `maxAge` seconds ago (RFC 9470). Default: no call does.
   */
  stepUp?: StepUp | undefined;
  /** Clients whose active sessions `GET /v1/stats` counts; at most 20. Default: none. */
  statsClients?: readonly string[] | undefined;
  /** The longest body in bytes. Default 262,144 (256 KiB). */
  maxBody?: number | undefined;
  /**
   * Called with each error that the caller didn't cause (5xx), with its whole `cause`, except when
   * the caller disconnects during a listing. Default: `console.error`, without the cause.
   */
  onError?: ((error: unknown) => void) | undefined;
}

/** Which calls need a recent sign-in. */
export interface StepUp {
  /** In seconds. */
  maxAge: number;
  /** Default `["purge"]`. */
  for?: readonly Permission[] | undefined;
}

/** The options with their defaults, checked. */
export interface Settings {
  management: AdminManagement;
  delivery: AdminApiOptions["delivery"];
  events: EventSource | undefined;
  authorize: Authorize;
  basePath: string | undefined;
  origin: string | undefined;
  signIn: string | undefined;
  limit: AdminApiOptions["limit"];
  requireReason: boolean;
  stepUp: { maxAge: number; for: readonly Permission[] } | undefined;
  statsClients: readonly string[];
  maxBody: number;
  onError: (error: unknown) => void;
}

const OPTIONS: readonly (keyof AdminApiOptions)[] = [
  "management",
  "delivery",
  "events",
  "authorize",
  "basePath",
  "origin",
  "signIn",
  "limit",
  "requireReason",
  "stepUp",
  "statsClients",
  "maxBody",
  "onError",
];

const MANAGEMENT_CALLS: readonly (keyof AdminManagement)[] = [
  "querySessions",
  "countSessions",
  "removeSessions",
  "purgeSessions",
  "capabilities",
  "reportDenied",
];

/** 256 KiB: 500 sessions of 500 bytes. */
const MAX_BODY = 262_144;

/**
 * The maximum number of clients that `GET /v1/stats` counts: each costs one more count in the
 * store.
 */
const MAX_STATS_CLIENTS = 20;

/** @throws {RollcallError} `invalid_argument`, naming the option. */
export function checkedOptions(options: AdminApiOptions): Settings {
  const {
    management,
    delivery,
    events,
    authorize,
    basePath,
    origin,
    signIn,
    limit,
    requireReason = false,
    stepUp,
    statsClients = [],
    maxBody = MAX_BODY,
    onError = toConsole,
  } = optionsObject(options, "the options of `adminApi`", OPTIONS);
  if (delivery !== undefined) {
    requiredInstance(delivery, ["page", "retry"], "`delivery` must be a `LogoutDelivery`");
  }
  if (events !== undefined) {
    const message = "`events` must be an `eventFeed()` or have its function `subscribe`";
    requiredInstance(events, ["subscribe"], message);
  }
  checkFunction(limit, "limit");
  if (typeof requireReason !== "boolean") {
    throw invalidArgument("`requireReason` must be true or false");
  }
  if (!Number.isSafeInteger(maxBody) || maxBody < 1) {
    throw invalidArgument("`maxBody` must be a whole number of bytes, 1 or more");
  }
  return {
    management: requiredInstance(
      management,
      MANAGEMENT_CALLS,
      "`management` must be a `SessionManagement`",
    ),
    delivery,
    events,
    authorize: requiredFunction(authorize, "authorize"),
    basePath: checkedBasePath(basePath, "/admin/api"),
    origin: checkedOrigin(origin),
    signIn: checkedSignIn(signIn),
    limit,
    requireReason,
    stepUp: checkedStepUp(stepUp),
    statsClients: checkedClients(statsClients),
    maxBody,
    onError: requiredFunction(onError, "onError"),
  };
}

function checkedOrigin(origin: unknown): string | undefined {
  if (origin === undefined) return undefined;
  if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) {
    return origin;
  }
  throw invalidArgument(
    "`origin` must be an origin without a path, such as `https://id.example.com`",
  );
}

function checkedSignIn(signIn: unknown): string | undefined {
  if (signIn === undefined || (typeof signIn === "string" && signIn.trim() !== "")) return signIn;
  throw invalidArgument("`signIn` must be a URL");
}

function checkedStepUp(stepUp: StepUp | undefined): Settings["stepUp"] {
  if (stepUp === undefined) return undefined;
  const found = optionsObject(stepUp, "`stepUp`", ["maxAge", "for"]);
  const { maxAge, for: permissions = ["purge"] } = found;
  if (maxAge === undefined || !Number.isSafeInteger(maxAge) || maxAge < 1) {
    throw invalidArgument("`stepUp.maxAge` must be a whole number of seconds, 1 or more");
  }
  const isKnown = (permission: Permission) => PERMISSIONS.includes(permission);
  if (!Array.isArray(permissions) || permissions.length === 0 || !permissions.every(isKnown)) {
    throw invalidArgument(`\`stepUp.for\` must be a list of ${listed(PERMISSIONS)}`);
  }
  return { maxAge, for: [...permissions] };
}

function checkedClients(clientIds: unknown): readonly string[] {
  const isId = (id: unknown) => typeof id === "string" && id.trim() !== "";
  if (!Array.isArray(clientIds) || !clientIds.every(isId) || clientIds.length > MAX_STATS_CLIENTS) {
    throw invalidArgument(`\`statsClients\` must be a list of at most ${MAX_STATS_CLIENTS} ids`);
  }
  return [...clientIds];
}

function toConsole(error: unknown): void {
  console.error("rollcall: a call of the admin API failed:", forLog(error));
}
