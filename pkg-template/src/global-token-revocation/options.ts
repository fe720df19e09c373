/**
 * The options of the endpoint, and their check.
 *
 * @module
 */
import { forLog } from "../core/errors.js";
import { invalidArgument } from "../errors.js";
import { listed, optionsObject, requiredFunction, requiredInstance } from "../options.js";
import type { SessionManagement } from "../services/management.js";
import type { MaybePromise } from "../types.js";
import {
  SUBJECT_FORMATS,
  type SubjectFormat,
  type SubjectIdentifier,
} from "./subject-identifier.js";

/** The caller. It may have more members, for `resolveSubject`. */
export interface Caller {
  /** The caller's name, for the event log. */
  actor?: string | undefined;
}

/**
 * The result of `authorize`: `true` or the caller, if it may call; `false` if the caller is unknown
 * (401); `"forbidden"` if it is known but may not call (403).
 */
export type Authorization<Granted extends true | Caller = true | Caller> =
  | Granted
  | false
  | "forbidden";

/**
 * The options of `globalTokenRevocation`.
 *
 * @example
 * const options: GlobalTokenRevocationOptions<true> = {
 *   management,
 *   authorize: (request) => request.headers.get("authorization") === `Bearer ${secret}`,
 *   formats: ["iss_sub", "email"],
 *   resolveSubject: (subId) => directory.find(subId, issuer),
 *   reason: "incident",
 * };
 */
export interface GlobalTokenRevocationOptions<Granted extends true | Caller = true | Caller> {
  /** Its host needs `grants`: without them no token can be revoked, and every request fails. */
  management: Pick<SessionManagement, "removeSessions">;
  /**
   * Authenticates the caller by the headers of the request; it must not read the body.
   * `privateKeyJwt` makes the one that the draft recommends (section 3.5).
   */
  authorize: (request: Request) => MaybePromise<Authorization<Granted>>;
  /**
   * Returns the id of the identified subject, or `undefined` if there is none (404). `caller` is
   * what `authorize` returned: return `undefined` for a subject that this caller has no authority
   * over (section 7.2). It is called with each identifier of `aliases` separately.
   *
   * If the host has several `issuers`, at each of which a subject id can mean another person,
   * return `{ subjectId, issuer }`: then only the sessions that began under this issuer end, with
   * their tokens.
   */
  resolveSubject: (
    subId: SubjectIdentifier,
    caller: Granted,
  ) => MaybePromise<string | ResolvedSubject | null | undefined>;
  /**
   * The formats that `resolveSubject` supports; others are refused (400). Default: all formats of
   * RFC 9493.
   */
  formats?: readonly SubjectFormat[] | undefined;
  /**
   * Whether to revoke consents as well. Default `false`: the draft is about tokens. With `true`
   * every type of grant is revoked.
   */
  revokeConsents?: boolean | undefined;
  /** The reason, for the event log. Default `global token revocation`. */
  reason?: string | undefined;
  /**
   * The `WWW-Authenticate` of 401. Default: that of bearer tokens, with the error codes of RFC
   * 6750.
   */
  challenge?: string | undefined;
  /**
   * Called with an error that the caller didn't cause (500, 503): the error of a host's function,
   * unchanged, or a `RollcallError`. Default: `console.error`, with only the code or the name of
   * the error.
   */
  onError?: ((error: unknown) => void) | undefined;
}

/** A subject at one of the issuers of the host. */
export interface ResolvedSubject {
  subjectId: string;
  issuer: string;
}

/** The options with their defaults, checked. */
export interface Settings<Granted extends true | Caller>
  extends Pick<
    GlobalTokenRevocationOptions<Granted>,
    "management" | "authorize" | "resolveSubject"
  > {
  formats: ReadonlySet<string>;
  revokeConsents: boolean;
  reason: string;
  challenge: string | undefined;
  onError: (error: unknown) => void;
}

const OPTIONS: readonly (keyof GlobalTokenRevocationOptions)[] = [
  "management",
  "authorize",
  "resolveSubject",
  "formats",
  "revokeConsents",
  "reason",
  "challenge",
  "onError",
];

/** @throws {RollcallError} `invalid_argument`, naming the option. */
export function checkedOptions<Granted extends true | Caller>(
  options: GlobalTokenRevocationOptions<Granted>,
): Settings<Granted> {
  const {
    management,
    authorize,
    resolveSubject,
    formats = [...SUBJECT_FORMATS],
    challenge,
    revokeConsents = false,
    reason = "global token revocation",
    onError = toConsole,
  } = optionsObject(options, "the options of `globalTokenRevocation`", OPTIONS);
  checkFormats(formats);
  if (typeof revokeConsents !== "boolean") {
    throw invalidArgument("`revokeConsents` must be true or false");
  }
  if (typeof reason !== "string") {
    throw invalidArgument("`reason` must be a string");
  }
  checkChallenge(challenge);
  return {
    management: requiredInstance(
      management,
      ["removeSessions"],
      "`management` must be a `SessionManagement`",
    ),
    authorize: requiredFunction(authorize, "authorize"),
    resolveSubject: requiredFunction(resolveSubject, "resolveSubject"),
    formats: new Set(formats),
    revokeConsents,
    reason,
    challenge,
    onError: requiredFunction(onError, "onError"),
  };
}

function checkFormats(formats: readonly string[]): void {
  if (!Array.isArray(formats) || formats.length === 0) {
    throw invalidArgument(
      `\`formats\` must be a list of at least one of ${listed(SUBJECT_FORMATS)}`,
    );
  }
  for (const format of formats) {
    if (!SUBJECT_FORMATS.has(format)) {
      throw invalidArgument(
        `\`${String(format)}\` is not a format of subject identifiers: use ${listed(SUBJECT_FORMATS)}`,
      );
    }
  }
}

function checkChallenge(challenge: unknown): void {
  // Visible ASCII characters and spaces (RFC 9110, section 5.5). A challenge needs no others.
  if (
    challenge !== undefined &&
    (typeof challenge !== "string" || !/^[!-~](?:[ -~]*[!-~])?$/.test(challenge))
  ) {
    throw invalidArgument("`challenge` must be the value of a `WWW-Authenticate` header");
  }
}

function toConsole(error: unknown): void {
  console.error("rollcall: a global token revocation failed:", forLog(error));
}
