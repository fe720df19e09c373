/**
 * Notifies clients that a session has ended: with OpenID Connect Back-Channel Logout 1.0
 * (incorporating errata set 1), and clients that receive Security Event Tokens with the event
 * `session-revoked` of OpenID CAEP 1.0.
 *
 * The core decides which clients to notify and makes the claims; this entry point signs them, sends
 * them once and returns the outcome.
 *
 * @example
 * const management = new SessionManagement({
 *   ...stores,
 *   clients: (clientId) => registry.find(clientId),
 *   sendLogout: backChannelSender({ issuer: "https://id.example.com", signingKeys }),
 * });
 *
 * @module
 */
import { invalidArgument } from "./errors.js";
import { answerLimit, LOGOUT_ANSWERS, outcomeOf } from "./logout/answer.js";
import { withDeadline } from "./logout/attempt.js";
import { ClientKeys } from "./logout/client-keys.js";
import { exchange, type HttpRequest } from "./logout/client-request.js";
import { DeliveryFailure } from "./logout/delivery-failure.js";
import { encrypted } from "./logout/encryption.js";
import { type BackChannelSenderOptions, checkedOptions } from "./logout/options.js";
import { checkedUrl } from "./logout/private-addresses.js";
import {
  authorizationOf,
  credentialsIn,
  EVENT_ANSWERS,
  eventClaims,
  eventRequest,
} from "./logout/security-event.js";
import { logoutTokenType, type SignedClaims, signerFrom } from "./logout/signing.js";
import { member } from "./logout/untrusted.js";
import type {
  LogoutMessage,
  LogoutOutcome,
  LogoutTokenMessage,
  SecurityEventMessage,
} from "./types.js";

export type { ClientSecret } from "./logout/client-secret.js";
export type { Fetch } from "./logout/fetch-transport.js";
export type { AllowInsecure, BackChannelSenderOptions } from "./logout/options.js";
export { isPublicAddress, type ResolveHostname } from "./logout/private-addresses.js";
export type { SignedClaims, SigningContext, SignLogoutToken, TokenType } from "./logout/signing.js";
export type { SigningKey } from "./logout/signing-keys.js";

/** Sends one logout notification, once. Use it as the `sendLogout` of a host. */
export type BackChannelSender = (
  message: LogoutMessage,
  options?: { signal?: AbortSignal | undefined },
) => Promise<LogoutOutcome>;

/**
 * Makes the sender.
 *
 * It posts a form with the field `logout_token` (section 2.5): a signed token, encrypted if the
 * client's ID tokens are. 200 and 204 are success (section 2.8). A Security Event Token is the body
 * itself, signed but not encrypted, and 202 is success (RFC 8935, sections 2.1 and 2.2). Redirects
 * are not followed, and at most 4 KiB of an unsuccessful answer are read. Only https URLs with
 * public hosts are allowed, unless `allowInsecure` permits others. On Node, a request is repeated
 * once if a reused connection breaks without an answer.
 *
 * A failed delivery is an outcome with `delivered: false`. Its `retry` is true after a network
 * error or timeout, for 408, 425, 429 and 5xx, and if a function of the host fails. Its
 * `retryAfter` is the wait that the client requested with 429 or 503, at most one day. Its `error`
 * never contains 16 or more consecutive characters of the token or of the client's
 * `securityEventAuthorization`.
 *
 * The returned function rejects with the reason of its `signal` if that fires before the client has
 * answered. The client may still have been notified. It rejects with `invalid_argument` if its
 * argument is not a notification.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed, or if a
 * key doesn't match its algorithm.
 * @example
 * const sendLogout = backChannelSender({
 *   issuer: "https://id.example.com",
 *   signingKeys,
 *   timeout: 3_000,
 * });
 */
export function backChannelSender(options: BackChannelSenderOptions): BackChannelSender {
  const { issuer, signingKeys, clientSecret, transport, timeout, policy } = checkedOptions(options);
  const sign = signerFrom(signingKeys, clientSecret);
  const clientKeys = new ClientKeys(transport, policy);

  async function sendLogoutToken(
    message: LogoutTokenMessage,
    signal: AbortSignal,
    secrets: string[],
  ): Promise<LogoutOutcome> {
    const { client } = message;
    const url = await checkedUrl(...uriOf(message, "backChannelLogoutUri"), policy, signal);
    const claims = claimsOf(message, issuer);
    const signed = await sign(claims, logoutTokenType(client), client, signal);
    secrets.push(signed);
    const token = await encrypted(signed, claims.iss, client, clientKeys, clientSecret, signal);
    secrets.push(token);
    return outcomeOf(
      await exchange(transport, url, logoutRequest(token), answerLimit(LOGOUT_ANSWERS), signal),
      LOGOUT_ANSWERS,
    );
  }

  async function sendSecurityEvent(
    message: SecurityEventMessage,
    signal: AbortSignal,
    secrets: string[],
  ): Promise<LogoutOutcome> {
    const { client } = message;
    const authorization = authorizationOf(client);
    secrets.push(...credentialsIn(authorization));
    const url = await checkedUrl(...uriOf(message, "securityEventUri"), policy, signal);
    const token = await sign(await eventClaims(message, issuer), "secevent+jwt", client, signal);
    secrets.push(token);
    const request = eventRequest(token, authorization);
    return outcomeOf(
      await exchange(transport, url, request, answerLimit(EVENT_ANSWERS), signal),
      EVENT_ANSWERS,
    );
  }

  return async (message, options) => {
    checkMessage(message);
    const signal = options?.signal;
    const secrets: string[] = [];
    try {
      return await withDeadline(timeout, signal, (attempt) =>
        message.kind === "session_revoked"
          ? sendSecurityEvent(message, attempt, secrets)
          : sendLogoutToken(message, attempt, secrets),
      );
    } catch (error) {
      if (error instanceof DeliveryFailure) {
        return error.outcome(secrets);
      }
      throw error;
    }
  };
}

/** For hosts that call the sender themselves. The core always sets these members. */
function checkMessage(message: unknown): void {
  if (
    !isObject(message) ||
    !isObject(member(message, "client")) ||
    !isObject(member(message, "claims"))
  ) {
    throw invalidArgument(
      "pass the sender a notification with `client` and `claims`, as the core passes it to `sendLogout`",
    );
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

type UriName = "backChannelLogoutUri" | "securityEventUri";

/** The URI of the notification, or else the one that the client registers now, and its name. */
function uriOf({ logoutUri, client }: LogoutMessage, name: UriName): [UriName, string] {
  const uri = logoutUri ?? client[name];
  if (uri == null) {
    throw new DeliveryFailure(`the client has no \`${name}\``);
  }
  return [name, uri];
}

/**
 * The claims with their issuer. Rejects claims that section 2.4 forbids, even if another program
 * made them.
 */
function claimsOf({ claims }: LogoutTokenMessage, issuer: string): SignedClaims {
  if (claims.sub === undefined && claims.sid === undefined) {
    throw new DeliveryFailure(
      "the claims have neither `sub` nor `sid`, and a logout token must have one",
    );
  }
  if ("nonce" in claims) {
    throw new DeliveryFailure("the claims have a `nonce`, and a logout token must not");
  }
  return { ...claims, iss: claims.iss ?? issuer };
}

/**
 * Section 2.5. The content type is explicit because hosts would add a character set, which some
 * clients reject.
 */
function logoutRequest(token: string): HttpRequest {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({ logout_token: token }).toString(),
  };
}
