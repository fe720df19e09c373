// The lifetime of sessions, as a token endpoint, a sign-out page and a clean-up see it. Only
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
 * A session is signed out of as a list shows it, as a ticket has it, or in the caller's own words.
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

/** A refresh token is used. */
export async function refresh(): Promise<boolean> {
  const request: SessionValidation = { subjectId: "12345", sessionId: "abc", clientId: "shop" };
  const anySession: SessionValidation = { subjectId: "12345", clientId: "shop" };
  return (
    (await coordination.validateSession(request)) &&
    (await coordination.validateSession(anySession, {}))
  );
}

/** What has expired, in one pass and for as long as the process lives. */
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

/** A sign-in that was stored by other means. */
export async function admit(session: UserSession): Promise<RemovalReport | undefined> {
  try {
    return await coordination.admitSession(session);
  } catch (error) {
    if (error instanceof RollcallError && error.code === "session_limit_reached") return undefined;
    throw error;
  }
}

/** Or by the store that enforces it. */
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
// @ts-expect-error: what happens then must be said
new SessionCoordination(memoryStores(), { maxSessionsPerSubject: 3 });
// @ts-expect-error: and in one of three words
export const evicting: SessionLimit = { limit: 3, policy: "evict" };
// @ts-expect-error: a limit is needed
new TicketStore(memoryStores(), { keys, maxSessionsPerSubject: { policy: "deny" } });
// @ts-expect-error: no such option
new TicketStore(memoryStores(), { keys, maxSessions: limit });
// @ts-expect-error: a session is somebody's
coordination.processLogout({ sessionId: "abc" });
// @ts-expect-error: a sign-out is of one session
coordination.processLogout({ subjectId: "12345" });
coordination.processLogout({
  subjectId: "12345",
  sessionId: "abc",
  // @ts-expect-error: a client has an id
  clients: [{ sessionId: "abc" }],
});
// @ts-expect-error: somebody asks
coordination.validateSession({ subjectId: "12345", sessionId: "abc" });
// @ts-expect-error: one client at a time
coordination.validateSession({ subjectId: "12345", clientId: ["shop"] });
// @ts-expect-error: yes or no, later
export const valid: boolean = coordination.validateSession({
  subjectId: "12345",
  clientId: "shop",
});
// @ts-expect-error: a batch is a number
coordination.removeExpiredSessions({ batchSize: "100" });
// @ts-expect-error: a pass has no limit but its batch
coordination.removeExpiredSessions({ limit: 100 });
// @ts-expect-error: nor has its runner
coordination.start({ limit: 100 });
// @ts-expect-error: the new session must be named
coordination.admitSession({ subjectId: "12345" });
