// The lifetime of sessions, as a token endpoint, a sign-out page and a clean-up use it. Only
// compiled, never run.

import {
  type CoordinationOptions,
  type ExpiryPass,
  type ExpiryPassOptions,
  type RemovalReport,
  RollcallError,
  type Runner,
  SessionCoordination,
  type SessionLimit,
  type SessionValidation,
  type SignedOutSession,
  type TicketSession,
  TicketStore,
  type UserSession,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

const limit: SessionLimit = { limit: 3, policy: "removeOldest" };

export const everyOption: CoordinationOptions = {
  coordinateClientLifetimesWithUserSession: true,
  expiredSessionsTriggerBackchannelLogout: true,
  renewAtMostEvery: 60_000,
  maxSessionsPerSubject: limit,
};

const coordination = new SessionCoordination(memoryStores(), everyOption);
export const usual = new SessionCoordination(memoryStores());

/**
 * A session to sign out of can be an entry of a list, a retrieved session, or the caller's own
 * object.
 */
export async function signOut(
  listed: UserSession,
  opened: TicketSession,
  signal: AbortSignal,
): Promise<number> {
  const own: SignedOutSession = {
    subjectId: "12345",
    sessionId: "abc",
    issuer: "https://id.example.com",
    clientIds: ["shop"] as const,
    clients: ["forum", { clientId: "mail", sessionId: "of its own" }],
  };
  const waitUntil = (rest: Promise<unknown>) => console.log(rest);
  const reports: RemovalReport[] = [
    await coordination.processLogout(listed),
    await coordination.processLogout(opened, { signal }),
    await coordination.processLogout(own, {
      waitUntil,
      onProgress: ({ notifications }) => console.log(notifications),
    }),
  ];
  return reports.reduce((sum, { tokensRevoked }) => sum + tokensRevoked, 0);
}

/** A client uses a refresh token. */
export async function refresh(): Promise<boolean> {
  const request: SessionValidation = { subjectId: "12345", sessionId: "abc", clientId: "shop" };
  const anySession: SessionValidation = { subjectId: "12345", clientId: "shop" };
  return (
    (await coordination.validateSession(request)) &&
    (await coordination.validateSession(anySession, {}))
  );
}

/** Removes expired sessions, in one pass and until the process ends. */
export async function cleanUp(signal: AbortSignal): Promise<boolean> {
  const options: ExpiryPassOptions = { batchSize: 100, signal };
  const { processed, failed, more, ...pruned }: ExpiryPass =
    await coordination.removeExpiredSessions(options);
  const { grantsRemoved, devicesForgotten, pruningFailed } = pruned;
  console.log(grantsRemoved + devicesForgotten, pruningFailed);
  const runner: Runner = coordination.start({
    interval: 600_000,
    batchSize: 50,
    onError: () => {},
  });
  await runner.stop();
  return more && processed + failed > 0;
}

/** A sign-in that was stored without the ticket store. */
export async function admit(session: UserSession): Promise<RemovalReport | undefined> {
  try {
    return await coordination.admitSession(session);
  } catch (error) {
    if (error instanceof RollcallError && error.code === "session_limit_reached") return undefined;
    throw error;
  }
}

/** Or with the store that enforces the limit. */
const keys = { current: "2026", keys: { 2026: new Uint8Array(32) } };
export const limited = new TicketStore(memoryStores(), {
  keys,
  maxSessionsPerSubject: { limit: 1, policy: "deny" },
});

// @ts-expect-error: no such option
new SessionCoordination(memoryStores(), { coordinateClientLifetimes: true });
// @ts-expect-error: flags are true or false
new SessionCoordination(memoryStores(), { expiredSessionsTriggerBackchannelLogout: "yes" });
// @ts-expect-error: milliseconds
new SessionCoordination({ ...memoryStores(), absoluteLifetime: new Date() });
// @ts-expect-error: a setting of the host
new SessionCoordination(memoryStores(), { absoluteLifetime: 86_400_000 });
// @ts-expect-error: a policy is needed
new SessionCoordination(memoryStores(), { maxSessionsPerSubject: 3 });
// @ts-expect-error: an unknown policy
export const evicting: SessionLimit = { limit: 3, policy: "evict" };
// @ts-expect-error: a limit is needed
new TicketStore(memoryStores(), { keys, maxSessionsPerSubject: { policy: "deny" } });
// @ts-expect-error: no such option
new TicketStore(memoryStores(), { keys, maxSessions: limit });
// @ts-expect-error: a subject is needed
coordination.processLogout({ sessionId: "abc" });
// @ts-expect-error: a session is needed
coordination.processLogout({ subjectId: "12345" });
coordination.processLogout({
  subjectId: "12345",
  sessionId: "abc",
  // @ts-expect-error: a client needs an id
  clients: [{ sessionId: "abc" }],
});
// @ts-expect-error: a client is needed
coordination.validateSession({ subjectId: "12345", sessionId: "abc" });
// @ts-expect-error: only one client
coordination.validateSession({ subjectId: "12345", clientId: ["shop"] });
// @ts-expect-error: the result is a promise
export const valid: boolean = coordination.validateSession({
  subjectId: "12345",
  clientId: "shop",
});
// @ts-expect-error: a batch size is a number
coordination.removeExpiredSessions({ batchSize: "100" });
// @ts-expect-error: a pass has no limit
coordination.removeExpiredSessions({ limit: 100 });
// @ts-expect-error: a runner has no limit
coordination.start({ limit: 100 });
// @ts-expect-error: a session id is needed
coordination.admitSession({ subjectId: "12345" });
