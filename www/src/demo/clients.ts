/**
 * The clients of the demo: their registrations, and how each answers a notification. No request is
 * sent.
 *
 * @module
 */

import type { Client, LogoutMessage, LogoutOutcome } from "rollcall";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";

interface MadeUpClient {
  clientId: string;
  /** The percentage of sessions that use it. */
  share: number;
  /** Absent if the client is no longer registered, so it's skipped. */
  registration?: Omit<Client, "clientId">;
}

const registered = (clientId: string) => ({
  backChannelLogoutUri: `https://${clientId}.example/backchannel-logout`,
});

/** Answers 503 to the first attempt of each notification. The next one is automatic. */
export const BUSY = "legacy";
/** Fails the first attempt of each notification, so that it needs a manual retry. */
export const STRICT = "payroll";

export const BUSY_ERROR = "the client answered 503";

export const CLIENTS: readonly MadeUpClient[] = [
  { clientId: "mail", share: 48, registration: registered("mail") },
  { clientId: "web", share: 40, registration: registered("web") },
  { clientId: "shop", share: 34, registration: registered("shop") },
  { clientId: "wiki", share: 28, registration: registered("wiki") },
  {
    clientId: "hr",
    share: 12,
    registration: { securityEventUri: "https://hr.example/security-events" },
  },
  { clientId: STRICT, share: 8, registration: registered(STRICT) },
  { clientId: BUSY, share: 5, registration: registered(BUSY) },
  { clientId: "archive", share: 3 },
];

const registrations = new Map(
  CLIENTS.flatMap(({ clientId, registration }) =>
    registration === undefined ? [] : [[clientId, { clientId, ...registration }] as const],
  ),
);

/** Looks up the registration of a client. */
export function clientLookup(clientId: string): Client | undefined {
  return registrations.get(clientId);
}

/** Answers a notification as its client would, after 200 to 800 ms. */
export async function answerLogout(
  message: LogoutMessage,
  { signal }: { signal?: AbortSignal },
): Promise<LogoutOutcome> {
  const { clientId, sessionId = "", attempt } = message;
  await delay(200 + (hash(`${clientId} ${sessionId} ${attempt}`) % 601), signal);
  return answerAtOnce(message);
}

/** The same answers without the pause. */
export function answerAtOnce({ clientId, attempt, kind }: LogoutMessage): LogoutOutcome {
  if (attempt === 0 && (clientId === BUSY || clientId === STRICT)) {
    return { delivered: false, retry: clientId === BUSY, status: 503, error: BUSY_ERROR };
  }
  if (kind === "session_revoked") return { delivered: true, status: 202 };
  return { delivered: true, status: clientId === "wiki" ? 204 : 200 };
}

function hash(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    sum = (Math.imul(sum, 31) + text.charCodeAt(index)) >>> 0;
  }
  return new SeededRandom(sum).bits();
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
