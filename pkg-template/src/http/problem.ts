/**
 * The answers to refused calls, as problem documents (RFC 9457).
 *
 * @module
 */

import { errorCode } from "../core/errors.js";
import type { RollcallError, RollcallErrorCode } from "../errors.js";
import type { Actor } from "./actor.js";
import { response } from "./response.js";

/**
 * The HTTP status of the API's own refusals. A call that Rollcall refuses has the code of its
 * `RollcallError`.
 */
const OWN_STATUS = {
  invalid_json: 400,
  reason_required: 400,
  not_signed_in: 401,
  step_up_required: 401,
  forbidden: 403,
  cross_site_request: 403,
  no_such_route: 404,
  session_not_found: 404,
  method_not_allowed: 405,
  session_ambiguous: 409,
  body_too_large: 413,
  url_too_long: 414,
  not_json: 415,
  too_many_requests: 429,
  internal: 500,
} as const;

const CORE_STATUS: Readonly<Record<RollcallErrorCode, number>> = {
  invalid_argument: 400,
  empty_target: 400,
  invalid_results_token: 400,
  results_token_mismatch: 400,
  unsupported_filter: 400,
  confirm_token_stale: 409,
  session_limit_reached: 409,
  not_configured: 501,
  sender_failed: 502,
  store_failed: 503,
  aborted: 503,
};

/**
 * The codes of calls that are refused because of their caller. Each is reported as `admin_denied`.
 */
export const DENIALS: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "cross_site_request",
  "not_signed_in",
  "forbidden",
  "step_up_required",
]);

/** The `code` of a problem. `docs/reference/errors.md` lists all of them. */
export type ProblemCode = keyof typeof OWN_STATUS | RollcallErrorCode;

/** The HTTP status of each code. */
export const STATUS_OF: Readonly<Record<ProblemCode, number>> = { ...OWN_STATUS, ...CORE_STATUS };

/** The title of a problem, for humans. `detail` says what to do. */
const TITLES: Readonly<Record<ProblemCode, string>> = {
  invalid_argument: "Invalid argument",
  empty_target: "Nothing to end",
  invalid_results_token: "Damaged results token",
  results_token_mismatch: "Results token of another query",
  unsupported_filter: "Unsupported filter",
  invalid_json: "Invalid JSON",
  reason_required: "Reason required",
  not_signed_in: "Not signed in",
  step_up_required: "Recent sign-in required",
  forbidden: "Forbidden",
  cross_site_request: "Cross-site request",
  no_such_route: "No such route",
  session_not_found: "No such session",
  method_not_allowed: "Method not allowed",
  session_ambiguous: "Several subjects have this session id",
  confirm_token_stale: "Preview out of date",
  session_limit_reached: "Session limit reached",
  body_too_large: "Body too large",
  url_too_long: "URL too long",
  not_json: "Not JSON",
  too_many_requests: "Too many requests",
  internal: "Internal error",
  not_configured: "Not configured",
  sender_failed: "Sender failed",
  store_failed: "Store failed",
  aborted: "Aborted",
};

/** The optional members of a problem. */
export interface ProblemMembers {
  /** The malformed parameter or member. */
  parameter?: string;
  /** The address where a user signs in. */
  signIn?: string;
}

/** A refused call. It is only thrown within the API; the caller gets `response()`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  /** The refused actor, if the call doesn't have one yet. */
  readonly actor: Actor | undefined;
  readonly #members: ProblemMembers;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      members?: ProblemMembers;
      headers?: Record<string, string>;
      cause?: unknown;
      actor?: Actor | undefined;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.actor = options.actor;
    this.status = STATUS_OF[code];
    this.#members = options.members ?? {};
    this.#headers = options.headers ?? {};
  }

  response(): Response {
    const { code, status } = this;
    const document = {
      type: `urn:rollcall:problem:${code.replaceAll("_", "-")}`,
      title: TITLES[code],
      status,
      code,
      detail: this.message,
      ...this.#members,
    };
    const headers = { "content-type": "application/problem+json", ...this.#headers };
    return response(JSON.stringify(document), headers, status);
  }
}

/** A malformed parameter or member. `detail` names it and says what to pass. */
export function invalidParameter(parameter: string, detail: string): Problem {
  return new Problem("invalid_argument", detail, { members: { parameter } });
}

/** A failure that the caller didn't cause. `cause` goes to `onError`, never into the answer. */
export function internal(cause: unknown): Problem {
  return new Problem("internal", "the server failed; its log has the reason", { cause });
}

const RETRY: Readonly<Record<string, string>> = { "retry-after": "1" };

/**
 * The problem of a failed call of Rollcall. Up to 501 the message is Rollcall's own and says what
 * to do; the message of a store or sender may contain hosts and tables, so the caller gets another
 * one.
 */
export function problemOfCall(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const code = errorCode(thrown);
  if (code === undefined || !Object.hasOwn(CORE_STATUS, code)) return internal(thrown);
  const cause = thrown;
  switch (code as RollcallErrorCode) {
    case "store_failed":
      return new Problem("store_failed", "a store failed: repeat the call to complete it", {
        headers: RETRY,
        cause,
      });
    case "sender_failed":
      return new Problem("sender_failed", "the sender of logout notifications failed", { cause });
    case "aborted":
      return new Problem("aborted", "the call was aborted: repeat it to complete it", {
        headers: RETRY,
        cause,
      });
    default:
      return new Problem(code as RollcallErrorCode, (thrown as RollcallError).message, { cause });
  }
}
