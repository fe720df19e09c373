/**
 * What the core calls in JavaScript: the few things that are done better, or can only be done, on
 * this side.
 *
 * The core imports this file by name (`src/js/imports.rs`); nothing else should. It holds no rule.
 *
 * @module
 */

import { pollCall } from "./core.js";
import { RollcallError, type RollcallErrorCode } from "./errors.js";
import { LONGEST_TIMER } from "./timer.js";
import type {
  EventSession,
  EventUser,
  LogoutReason,
  LogoutTokenMessage,
  QueryResult,
  SecurityEventClaims,
  SecurityEventMessage,
  SessionEvent,
  SessionRevokedEvent,
  StoredSession,
  TicketSession,
  UserSession,
} from "./types.js";

/** Makes the error that the caller gets. */
export function makeError(code: RollcallErrorCode, message: string, cause: unknown): RollcallError {
  return new RollcallError(code, message, cause);
}

/**
 * Waits for what a callback returned: a value, a promise, or anything with a `then`. Ends early
 * when the signal aborts or, after `timeout` milliseconds (0: never), with `code`; a callback that
 * never settles would leave the caller waiting for ever.
 */
export function settle(
  returned: unknown,
  name: string,
  code: RollcallErrorCode,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!isThenable(returned)) {
    return Promise.resolve(returned);
  }
  if (signal?.aborted) {
    // It calls no listener any more. What was returned may reject unheard.
    Promise.resolve(returned).catch(() => {});
    return Promise.reject(aborted(signal));
  }
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      stopWatching?.();
      finish();
    };
    const stopWatching = signal && watch(signal, () => end(() => reject(aborted(signal))));
    const onTimeout = () => {
      const message = `\`${name}\` did not settle within ${timeout} ms: what it did is unknown; see to it and call again`;
      end(() => reject(new RollcallError(code, message)));
    };
    const timer = timeout > 0 ? setTimeout(onTimeout, Math.min(timeout, LONGEST_TIMER)) : undefined;
    Promise.resolve(returned).then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}

const watchers = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `onAbort` when the signal aborts, until the function that it returns is called. All share
 * one listener: with one for each of many callbacks at once, hosts warn of a leak.
 */
function watch(signal: AbortSignal, onAbort: () => void): () => void {
  let watching = watchers.get(signal);
  if (watching === undefined) {
    watching = new Set();
    watchers.set(signal, watching);
    signal.addEventListener("abort", tellAll);
  }
  const added = watching.add(onAbort);
  return () => {
    added.delete(onAbort);
    if (added.size === 0) {
      watchers.delete(signal);
      signal.removeEventListener("abort", tellAll);
    }
  };
}

function tellAll(this: AbortSignal): void {
  for (const onAbort of [...(watchers.get(this) ?? [])]) {
    onAbort();
  }
}

/** The error of a call that its signal ended. */
export function aborted(signal: AbortSignal | undefined): RollcallError {
  return new RollcallError(
    "aborted",
    "the call was aborted: what was done by then stays done",
    signal?.reason,
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** What was thrown, in words: for the message of an error that has it as its cause. */
export function describe(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something that cannot be shown";
  }
}

/**
 * The code of a `RollcallError`, also of another copy of this package; `undefined` for anything
 * else.
 */
export function errorCode(thrown: unknown): string | undefined {
  try {
    const { name, code } = thrown as { name?: unknown; code?: unknown };
    return name === "RollcallError" && typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Lists of names by the text that the core writes them in: there are some tens. */
const nameLists = new Map<string, string[]>();

/**
 * Members of an object in one text, for the core: first `!` and the name of an unknown member, if
 * there is one and `onlyThese` are known; then what each member is, with `\0` between them. `u` is
 * absent, `n` null, `t` true, `f` false, `i` a whole number (and an instant, if it is meant as
 * one), `s` a text, and `x` something that the core has to look at itself. `undefined` if it is no
 * object.
 */
export function readMembers(
  value: unknown,
  joinedNames: string,
  onlyThese: boolean,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  let names = nameLists.get(joinedNames);
  if (names === undefined) {
    names = joinedNames.split("\0").slice(0, -1);
    nameLists.set(joinedNames, names);
  }
  let text = "";
  if (onlyThese) {
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) {
        text = `!${name}`;
        break;
      }
    }
  }
  for (const name of names) text += `\0${plain(value, name)}`;
  return text;
}

function plain(object: object, name: string): string {
  let value: unknown;
  try {
    value = Reflect.get(object, name);
  } catch {
    return "x";
  }
  switch (typeof value) {
    case "undefined":
      return "u";
    case "string":
      return value.includes("\0") ? "x" : `s${value}`;
    case "number":
      return Number.isInteger(value) && isInstant(value) ? `i${value}` : "x";
    case "boolean":
      return value ? "t" : "f";
    default:
      return value === null ? "n" : "x";
  }
}

// ISO 8601: the date, and optionally the time of day with an offset. `Date.parse` alone also takes
// what each engine likes.
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Epoch milliseconds of a `Date`, an ISO 8601 text or a number; `undefined` if it is none of these.
 */
export function epochMilliseconds(time: unknown): number | undefined {
  const milliseconds =
    time instanceof Date
      ? time.getTime()
      : typeof time === "string" && ISO_8601.test(time)
        ? Date.parse(time)
        : time;
  return typeof milliseconds === "number" && isInstant(milliseconds)
    ? Math.trunc(milliseconds)
    : undefined;
}

/** Whether a `Date` can have it (ECMAScript, section "Time Values and Time Range"). */
function isInstant(milliseconds: number): boolean {
  return Math.abs(milliseconds) <= 8.64e15;
}

/** Lets the core go on with a call, in the async context of whoever asks for it. */
export function queuePoll(place: number): void {
  queueMicrotask(() => pollCall(place));
}

/** A wait that can be given up, so that it does not keep the process alive. */
export interface Timer {
  readonly over: Promise<void>;
  stop(): void;
}

/** Waits for this many milliseconds, and at least for one turn of the event loop. */
export function startTimer(milliseconds: number): Timer {
  const immediately: unknown = Reflect.get(globalThis, "setImmediate");
  if (milliseconds === 0 && typeof immediately === "function") {
    // Sooner than a timer, which takes a millisecond at the least.
    return { over: new Promise((resolve) => immediately(resolve)), stop: () => {} };
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER));
  });
  return { over, stop: () => clearTimeout(timer) };
}

/**
 * Calls the host's `onEvent`. An observer must not change what it observes, so what it throws goes
 * to the console.
 */
export function emit(
  onEvent: (event: SessionEvent) => void,
  type: string,
  at: number,
  names: string[],
  values: (string | number)[],
): void {
  const details = Object.fromEntries(names.map((name, index) => [name, values[index]]));
  try {
    onEvent({ type, at: new Date(at), ...details });
  } catch (error) {
    console.error("rollcall: `onEvent` threw:", error);
  }
}

/** What of a page is shown: every row without its key, with its ticket if it was opened. */
export function queryResult(
  rows: unknown[],
  start: number,
  end: number,
  tickets: unknown[] | undefined,
  resultsToken: string | undefined,
  hasPrevResults: boolean,
  hasNextResults: boolean,
  totalCount: number | undefined,
  totalCountIsCapped: boolean,
  totalPages: number | undefined,
  currentPage: number,
): QueryResult {
  const results = new Array<UserSession>(end - start);
  for (let index = start; index < end; index += 1) {
    results[index - start] = userSession(rows[index], tickets?.[index - start]);
  }
  const result: QueryResult = { results, hasPrevResults, hasNextResults, currentPage };
  if (resultsToken !== undefined) result.resultsToken = resultsToken;
  if (totalCount !== undefined) result.totalCount = totalCount;
  if (totalCountIsCapped) result.totalCountIsCapped = true;
  if (totalPages !== undefined) result.totalPages = totalPages;
  return result;
}

function userSession(row: unknown, ticket: unknown): UserSession {
  if (!isStoredSession(row)) {
    const message =
      "`sessions.list` returned a row of the wrong shape: see `StoredSession` for what a row must have";
    throw new RollcallError("store_failed", message);
  }
  const session: UserSession = {
    subjectId: row.subjectId,
    sessionId: row.sessionId,
    created: new Date(row.created),
    renewed: new Date(row.renewed),
    clientIds: row.clients.map((client) => client.clientId),
  };
  if (row.displayName != null) session.displayName = row.displayName;
  if (row.issuer != null) session.issuer = row.issuer;
  if (row.expires != null) session.expires = new Date(row.expires);
  if (row.ipAddress != null) session.ipAddress = row.ipAddress;
  if (row.userAgent != null) session.userAgent = row.userAgent;
  if (row.attributes != null) session.attributes = row.attributes;
  if (ticket !== undefined) session.authenticationTicket = ticket;
  return session;
}

function isStoredSession(value: unknown): value is StoredSession {
  const row: { [Name in keyof StoredSession]?: unknown } = Object(value);
  return (
    typeof row.subjectId === "string" &&
    typeof row.sessionId === "string" &&
    Number.isFinite(row.created) &&
    Number.isFinite(row.renewed) &&
    (row.expires == null || Number.isFinite(row.expires)) &&
    Array.isArray(row.clients) &&
    row.clients.every(
      (client: { clientId?: unknown } | null | undefined) => typeof client?.clientId === "string",
    )
  );
}

/** A row for the sign-in path, with its ticket opened. */
export function ticketSession(row: unknown, ticket: unknown): TicketSession {
  if (!isStoredSession(row)) {
    const message =
      "`sessions.get` returned a row of the wrong shape: see `StoredSession` for what a row must have";
    throw new RollcallError("store_failed", message);
  }
  const { displayNameFolded: _folded, ticket: _sealed, ...session } = row;
  return ticket === undefined ? session : { ...session, ticket };
}

/** Whom CAEP takes to have caused it. */
const INITIATING_ENTITIES: { [Reason in LogoutReason]: SessionRevokedEvent["initiating_entity"] } =
  {
    terminated: "admin",
    user_logout: "user",
    session_expiration: "system",
  };

/**
 * What the core says with the claims of a logout token, with those of a Security Event Token (RFC
 * 8417, section 2) for the event `session-revoked` (OpenID CAEP 1.0, section 3.1). The Shared
 * Signals Framework 1.0, section 4.1, rules out `sub` and `exp`; the CAEP Interoperability Profile
 * 1.0, section 3.1, wants a `reason_admin`.
 */
export function securityEvent(message: Omit<LogoutTokenMessage, "kind">): SecurityEventMessage {
  const { iss, aud, iat, jti, sub, sid, logout_reason } = message.claims;
  const issued = iss === undefined ? {} : { iss };
  const user: EventUser | undefined =
    sub === undefined ? undefined : { format: "iss_sub", ...issued, sub };
  const session: EventSession | undefined =
    sid === undefined ? undefined : { format: "opaque", id: sid };
  const event: SessionRevokedEvent = {
    event_timestamp: Math.floor(message.created / 1_000),
    initiating_entity: INITIATING_ENTITIES[logout_reason],
    reason_admin: { en: logout_reason },
  };
  const claims: Omit<SecurityEventClaims, "sub_id"> = {
    ...issued,
    aud,
    iat,
    jti,
    events: { "https://schemas.openid.net/secevent/caep/event-type/session-revoked": event },
  };
  const sub_id =
    user && session ? ({ format: "complex", session, user } as const) : (session ?? user);
  // The core always has a subject or a session.
  return {
    ...message,
    kind: "session_revoked",
    claims: { ...claims, sub_id: sub_id as SecurityEventClaims["sub_id"] },
  };
}
