// `undefined` counts as absent in everything that a caller passes, even if a project sets
// `exactOptionalPropertyTypes`. Only compiled, never run.

import { generateKeyPairSync, type JsonWebKey as NodeJwk } from "node:crypto";
import type { Kysely } from "kysely";
import {
  type AdminDenial,
  type CallOptions,
  type Client,
  type ClientSession,
  type CoordinationOptions,
  type CountOptions,
  type DeliveringCallOptions,
  type DeliveryOptions,
  type DeliveryPageOptions,
  type DeliveryPassOptions,
  type ExpiryPassOptions,
  type GrantFilter,
  type Host,
  LogoutDelivery,
  type NewSession,
  type OutboxFilter,
  type PersistedGrant,
  type PurgeRequest,
  type QueryResult,
  type RemovalScope,
  type RemovalTarget,
  type RemoveSessionsContext,
  type RunnerOptions,
  type SessionChange,
  SessionManagement,
  type SessionQuery,
  type SessionValidation,
  type SignedOutSession,
  type TimeRange,
} from "rollcall";
import type { CookieOptions, SessionCookieOptions } from "rollcall/express";
import type { Caller, GlobalTokenRevocationOptions } from "rollcall/global-token-revocation";
import {
  type AllowInsecure,
  type BackChannelSenderOptions,
  backChannelSender,
  type SigningKey,
} from "rollcall/logout";
import { memoryStores } from "rollcall/memory";
import { type RedisOptions, redisStores } from "rollcall/redis";
import { type SqlOptions, sqlStores } from "rollcall/sql";
import type { StoresUnderTest } from "rollcall/testing";

/** The optional members that don't accept `undefined`. */
type ExactMember<Type> = {
  [Name in keyof Type]-?: Record<never, never> extends Pick<Type, Name>
    ? { [Member in Name]: undefined } extends Pick<Type, Name>
      ? never
      : Name
    : never;
}[keyof Type];

/** Takes no argument, unless a member is exact: then the compiler requires its name. */
declare function takesUndefined<Type>(
  ...exact: [ExactMember<Type>] extends [never] ? [] : [ExactMember<Type>]
): void;

takesUndefined<AdminDenial>();
takesUndefined<AllowInsecure>();
takesUndefined<BackChannelSenderOptions>();
takesUndefined<Caller>();
takesUndefined<CallOptions>();
takesUndefined<Client>();
takesUndefined<ClientSession>();
takesUndefined<CookieOptions>();
takesUndefined<CoordinationOptions>();
takesUndefined<CountOptions>();
takesUndefined<DeliveringCallOptions>();
takesUndefined<DeliveryOptions>();
takesUndefined<DeliveryPageOptions>();
takesUndefined<DeliveryPassOptions>();
takesUndefined<ExpiryPassOptions>();
takesUndefined<GlobalTokenRevocationOptions>();
takesUndefined<GrantFilter>();
takesUndefined<Omit<Host, "grants" | "outbox" | "atomic">>();
takesUndefined<NewSession>();
takesUndefined<OutboxFilter>();
takesUndefined<PersistedGrant>();
takesUndefined<PurgeRequest>();
takesUndefined<RedisOptions>();
takesUndefined<RemovalScope>();
takesUndefined<RunnerOptions>();
takesUndefined<SessionChange>();
takesUndefined<SessionCookieOptions>();
takesUndefined<SessionQuery>();
takesUndefined<SessionValidation>();
takesUndefined<SignedOutSession>();
takesUndefined<SqlOptions>();
takesUndefined<StoresUnderTest>();
takesUndefined<TimeRange>();

// @ts-expect-error: results have no undefined members
takesUndefined<QueryResult>();

declare const environment: { actor?: string; port?: number };
declare const kysely: Kysely<unknown>;
declare const controller: AbortController | undefined;
const management = new SessionManagement({ ...memoryStores(), onEvent: undefined });

/** A page leads to the next one, whether it has a token or not. */
export async function nextPage(page: QueryResult): Promise<QueryResult> {
  return await management.querySessions(
    { resultsToken: page.resultsToken, created: { after: undefined } },
    { signal: controller?.signal },
  );
}

export const others = [
  management.removeSessions({ subjectId: "12345", actor: environment.actor }),
  management.purgeSessions({ filter: {}, everything: true, confirmToken: undefined }),
  new LogoutDelivery(memoryStores(), { wait: undefined }),
  redisStores(async () => [], { prefix: undefined }),
  sqlStores(kysely, { dialect: "sqlite", busyTimeout: undefined, prepare: undefined }),
  backChannelSender({ issuer: "", signingKeys: [], timeout: undefined }),
];

/** A removal needs a subject or a session. */
export const targets: RemovalTarget[] = [
  { subjectId: "12345" },
  { sessionId: "abc" },
  { subjectId: "12345", sessionId: "abc" },
  { subjectId: "12345", sessionId: undefined },
];
export const contexts: RemoveSessionsContext[] = targets.map((target) => ({
  ...target,
  clientIds: ["shop"],
}));
management.removeSessions({ sessionId: "abc", clientIds: ["shop"] });

// @ts-expect-error: neither a subject nor a session
management.removeSessions({});
// @ts-expect-error: a client isn't a target
management.removeSessions({ clientIds: ["shop"] });
// @ts-expect-error: a subject that may be missing isn't a target
management.removeSessions({ subjectId: environment.actor });
// @ts-expect-error: undefined members count as absent
management.removeSessions({ subjectId: undefined, sessionId: undefined });

/** Keys in the form in which Node and WebCrypto export them. */
const exported: NodeJwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
declare const fromWebCrypto: JsonWebKey;
export const signingKeys: SigningKey[] = [
  { ...exported, kid: "2026", alg: "EdDSA" },
  { ...fromWebCrypto, kid: "2025", alg: "ES256" },
];
// @ts-expect-error: a key needs an id
export const keyWithoutId: SigningKey = { ...exported, alg: "EdDSA" };
