// The admin API, as a host mounts it and a client reads its answers. Only compiled, never run.

import { createRemoteJWKSet } from "jose";
import {
  LogoutDelivery,
  type NamedSession,
  type RemoveSessionsContext,
  SessionManagement,
} from "rollcall";
import {
  type Actor,
  type AdminApi,
  type AdminApiOptions,
  type Authorize,
  adminApi,
  type BearerTokensOptions,
  bearerTokens,
  type CallContext,
  type EventFeed,
  type EventSource,
  eventFeed,
  type FeedItem,
  type Me,
  type Page,
  type Permission,
  type ProblemCode,
  type ProblemDocument,
  type RedactedField,
  type Session,
  type StaticSecretOptions,
  type Stats,
  type StepUp,
  type Subscription,
  staticSecret,
} from "rollcall/http";
import { memoryStores } from "rollcall/memory";

const feed: EventFeed = eventFeed({ keep: 100 });
const host = { ...memoryStores(), onEvent: feed.publish };
const management = new SessionManagement(host);

declare const token: (request: Request) => Promise<string | undefined>;

const permissions: Permission[] = ["read", "remove"];
const redact: RedactedField[] = ["ipAddress"];
const stepUp: StepUp = { maxAge: 300, for: ["purge"] };

/** With the host's own rules. */
const authorize: Authorize = async (request, permission) => {
  const actor = await token(request);
  if (actor === undefined) return false;
  if (permission === "purge") return "forbidden";
  return { actor, permissions, redact, authTime: new Date(), issuers: ["https://id.example.com"] };
};

export const api: AdminApi = adminApi({
  management,
  delivery: new LogoutDelivery(host),
  events: feed,
  authorize,
  origin: "https://id.example.com",
  basePath: "/admin",
  signIn: "/sign-in?return={return}",
  limit: (actor: Actor, permission) => (permission === "purge" && actor.actor === "eve" ? 60 : 0),
  requireReason: true,
  stepUp,
  statsClients: ["web"],
  maxBody: 1_000,
  onError: (error: unknown) => console.error(error),
});

// @ts-expect-error: `authorize` is needed
export const open = adminApi({ management });

// @ts-expect-error: an actor needs permissions
export const without: Authorize = () => ({ actor: "carol" });

/** On Cloudflare Workers. */
export const worker = {
  fetch: (request: Request, _: unknown, context: CallContext): Promise<Response> =>
    api(request, context),
};

const tokens: BearerTokensOptions = {
  issuer: "https://id.example.com",
  audience: "https://id.example.com/admin",
  keys: createRemoteJWKSet(new URL("https://id.example.com/jwks")),
  scopes: { read: "sessions" },
};
const secret: StaticSecretOptions = { secret: "x".repeat(32), actor: "nightly", permissions };

export const several: AdminApiOptions = {
  management,
  authorize: async (request, permission) =>
    (await staticSecret(secret)(request, permission)) || bearerTokens(tokens)(request, permission),
};

/** Events of another process. */
export const events: EventSource = {
  async *subscribe({ after, types, signal }: Subscription): AsyncGenerator<FeedItem> {
    yield { type: "hello", ...(after !== undefined && { last: after }) };
    if (signal?.aborted || types?.length === 0) return;
    yield { type: "reset" };
    yield {
      type: "event",
      id: "1",
      event: { type: "session_denied", at: new Date(), subjectId: "bob" },
    };
  },
};

/** A client reads times as strings. */
export async function names(response: Response): Promise<string[]> {
  const { results }: Page = await response.json();
  return results.map(
    ({ subjectId, created, own }: Session) => `${subjectId}${created.at(0)}${own}`,
  );
}

export const numbers = ({ created, active }: Stats): number =>
  created.reduce((sum, { count }) => sum + count, active.capped ? 0 : active.count);

export const canEnd = ({ permissions: granted }: Me): boolean => granted.includes("remove");

export const isStale = ({ code }: ProblemDocument): boolean => {
  const stale: ProblemCode = "confirm_token_stale";
  return code === stale;
};

const named: NamedSession[] = [{ subjectId: "bob", sessionId: "1" }];
export const removal: RemoveSessionsContext = { sessions: named, issuer: ["a", "b"] };

// @ts-expect-error: a list of sessions excludes a subject
export const both: RemoveSessionsContext = { sessions: named, subjectId: "bob" };
