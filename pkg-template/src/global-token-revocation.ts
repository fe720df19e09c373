/**
 * Lets an upstream identity provider or a security incident tool end a user's sessions and tokens,
 * by Global Token Revocation (draft-parecki-oauth-global-token-revocation-06). The guide is
 * `docs/reference/global-token-revocation.md`.
 *
 * The endpoint doesn't exist until the host mounts it. Every request must be authenticated (section
 * 3.2), which is the job of `authorize`.
 *
 * @example
 * const audience = "https://id.example.com/global-token-revocation";
 * const handle = globalTokenRevocation({
 *   management,
 *   authorize: privateKeyJwt({
 *     audience,
 *     keys: issuerKeys,
 *     isFirstUse: ({ issuer, jti, expires }) => remember(`${issuer} ${jti}`, expires),
 *   }),
 *   resolveSubject: (subId, { issuer }) => directory.find(subId, issuer),
 * });
 * const response = await handle(request);
 *
 * @module
 */
import { observe } from "./core/events.js";
import { invalidArgument } from "./errors.js";
import { bodyOf } from "./global-token-revocation/body.js";
import {
  type Caller,
  checkedOptions,
  type GlobalTokenRevocationOptions,
  type ResolvedSubject,
} from "./global-token-revocation/options.js";
import { Refusal, refusals } from "./global-token-revocation/refusal.js";
import {
  type SubjectIdentifier,
  subjectIdentifiers,
} from "./global-token-revocation/subject-identifier.js";
import { isPlainObject, member } from "./plain-object.js";
import { tooManyCharacters } from "./stores/lengths.js";
import { isStorable } from "./stores/member-reader.js";

export type {
  Authorization,
  Caller,
  GlobalTokenRevocationOptions,
  ResolvedSubject,
} from "./global-token-revocation/options.js";
export {
  type JwtCaller,
  type JwtUse,
  type PrivateKeyJwtOptions,
  privateKeyJwt,
} from "./global-token-revocation/private-key-jwt.js";
export type {
  SubjectFormat,
  SubjectIdentifier,
} from "./global-token-revocation/subject-identifier.js";
export type { IssuerKeys } from "./signed-tokens.js";

/**
 * Answers one request. It never rejects: an error becomes an answer, and goes to `onError` unless
 * the caller caused it.
 */
export type GlobalTokenRevocationHandler = (request: Request) => Promise<Response>;

/**
 * Makes the handler of the endpoint.
 *
 * It ends all sessions of the subject, so that a new token requires a new sign-in, and revokes its
 * tokens (section 3.3). Clients are notified as in every removal. It answers 204 when that is done,
 * and 400, 401, 403, 404 or 422 as section 3.4.2 specifies. A caller that disconnects in the
 * meantime doesn't stop the revocation.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed.
 * @example
 * const handle = globalTokenRevocation({
 *   management,
 *   authorize: (request) => request.headers.get("authorization") === `Bearer ${secret}`,
 *   resolveSubject: (subId) => (subId.format === "opaque" ? subId.id : undefined),
 * });
 */
export function globalTokenRevocation<Granted extends true | Caller>(
  options: GlobalTokenRevocationOptions<Granted>,
): GlobalTokenRevocationHandler {
  const settings = checkedOptions(options);
  const { management, authorize, resolveSubject, formats, revokeConsents, reason, onError } =
    settings;
  const refuse = refusals(settings.challenge);

  async function callerOf(request: Request): Promise<Granted> {
    const authorization = await authorize(request);
    if (authorization === false) {
      throw refuse.unauthenticated(request);
    }
    if (authorization === "forbidden") {
      throw refuse.forbidden();
    }
    if (authorization !== true && (typeof authorization !== "object" || authorization === null)) {
      throw invalidArgument(
        '`authorize` must return true or an object for a caller with access, `false` for an unknown caller, or "forbidden"',
      );
    }
    return authorization;
  }

  /** All identifiers must be of one subject (RFC 9493, section 3.2.8); unknown ones are ignored. */
  async function subjectOf(
    identifiers: readonly SubjectIdentifier[],
    caller: Granted,
  ): Promise<FoundSubject> {
    const found: FoundSubject[] = [];
    for (const identifier of identifiers) {
      const resolved = await resolveSubject(identifier, caller);
      if (resolved === undefined || resolved === null) continue;
      const subject = checkedSubject(resolved);
      // No subject can have an id that stores can't hold.
      const { subjectId } = subject;
      const isHeld = isStorable(subjectId) && tooManyCharacters("subjectId", subjectId) === 0;
      if (isHeld) found.push(subject);
    }
    const [subject, ...others] = found;
    if (subject === undefined) {
      throw new Refusal(404, "user_not_found", "no user has this subject identifier");
    }
    const { subjectId, issuer } = subject;
    if (others.some((other) => other.subjectId !== subjectId || other.issuer !== issuer)) {
      throw new Refusal(422, "ambiguous_subject", "the identifiers belong to different users");
    }
    return subject;
  }

  async function revoke(request: Request): Promise<void> {
    if (request.method !== "POST") {
      throw new Refusal(405, "method_not_allowed", "use POST", { allow: "POST" });
    }
    const caller = await callerOf(request);
    const identifiers = subjectIdentifiers(await bodyOf(request), formats);
    await management.removeSessions({
      ...(await subjectOf(identifiers, caller)),
      // The flags are set explicitly, so that a missing store is an error: a 204 must not hide
      // tokens that are still valid.
      removeServerSideSession: true,
      revokeTokens: true,
      revokeConsents,
      reason,
      ...(caller !== true && caller.actor !== undefined && { actor: caller.actor }),
    });
  }

  return async (request) => {
    try {
      await revoke(request);
      return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
    } catch (thrown) {
      if (thrown instanceof Refusal) {
        return thrown.response();
      }
      observe("onError", () => onError(thrown));
      return refuse.failed(thrown).response();
    }
  };
}

type FoundSubject = Pick<ResolvedSubject, "subjectId"> & Partial<ResolvedSubject>;

/** A subject as the host returned it. */
function checkedSubject(resolved: unknown): FoundSubject {
  if (typeof resolved === "string") {
    if (resolved !== "") return { subjectId: resolved };
  } else if (isPlainObject(resolved)) {
    const [subjectId, issuer] = [member(resolved, "subjectId"), member(resolved, "issuer")];
    if (typeof subjectId === "string" && typeof issuer === "string") return { subjectId, issuer };
  }
  throw invalidArgument(
    "`resolveSubject` must return a subject id, `{ subjectId, issuer }`, or undefined if there is none",
  );
}
