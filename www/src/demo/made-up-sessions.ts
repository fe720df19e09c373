/**
 * The sessions of the demo. They only depend on their number and the time.
 *
 * @module
 */

import type { ClientSession, StoredSession } from "rollcall";
import { NETWORKS, USER_AGENTS } from "../../../examples/identity-provider/made-up/people.mjs";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";
import { CLIENTS } from "./clients";
import { ADMINISTRATOR, BOB, madeUpPerson, namesOf, OTHER_BOBS, type Person } from "./people";
import { HOUR, MINUTE, madeUpTimes } from "./times";

export const ISSUER = "https://id.example";

/** The session of the administrator who uses the demo. */
export const OWN_SESSION_ID = "avery-this-browser";

const SEED = 42;

const COUNTRIES = ["DE", "FR", "US", "GB", "JP", "CN", "KR", "IL", "EG", "IN", "BR", "PL", "TR"];
/** How the user signed in. */
const CONTEXTS = ["pwd", "pwd", "mfa", "mfa", "passkey"];

/**
 * The clients of Bob's sessions. Any three of the sessions have all three clients, so ending them
 * notifies two clients at once, and `payroll` after a retry.
 */
const BOBS_CLIENTS = [["shop"], ["web"], ["payroll"], ["shop", "web", "payroll"]];

/** Makes up `count` sessions. */
export function* madeUpSessions(count: number, now: number): Generator<StoredSession, void, void> {
  const random = new SeededRandom(SEED);
  let made = 0;
  for (const session of knownSessions(random, now)) {
    if (made++ === count) return;
    yield session;
  }
  for (let index = 0; made < count; index++) {
    const person = madeUpPerson(index);
    const most = Math.min(made + howMany(random), count);
    for (; made < most; made++) yield madeUpSession(person, random, now);
  }
}

/** The sessions that every demo has. */
function* knownSessions(random: SeededRandom, now: number): Generator<StoredSession, void, void> {
  yield {
    ...madeUpSession(ADMINISTRATOR, random, now),
    sessionId: OWN_SESSION_ID,
    created: now - 25 * MINUTE,
    renewed: now - MINUTE,
    expires: now + 8 * HOUR,
    clients: [{ clientId: "web" }],
  };
  for (const [index, clientIds] of BOBS_CLIENTS.entries()) {
    const renewed = now - (BOBS_CLIENTS.length - index) * 7 * MINUTE;
    yield {
      ...madeUpSession(BOB, random, now),
      created: now - (BOBS_CLIENTS.length - index) * 31 * HOUR,
      renewed,
      expires: renewed + 14 * 24 * HOUR,
      clients: clientIds.map((clientId) => ({ clientId })),
      userAgent: USER_AGENTS[index * 2] ?? "",
    };
  }
  for (const bob of OTHER_BOBS) yield madeUpSession(bob, random, now);
}

/** The number of sessions of a person, mostly one. */
function howMany(random: SeededRandom): number {
  const share = random.fraction();
  if (share < 0.68) return 1;
  if (share < 0.9) return 2;
  return share < 0.98 ? random.between(3, 5) : random.between(6, 12);
}

function madeUpSession(person: Person, random: SeededRandom, now: number): StoredSession {
  return {
    ...namesOf(person),
    ...madeUpTimes(random, now),
    key: random.hex(8),
    scheme: "default",
    sessionId: random.hex(4),
    issuer: ISSUER,
    clients: madeUpClients(random),
    ipAddress: madeUpAddress(random),
    userAgent: random.oneOf(USER_AGENTS),
    attributes: madeUpAttributes(random),
  };
}

export function madeUpAttributes(random: SeededRandom): Record<string, string> {
  return { country: random.oneOf(COUNTRIES), acr: random.oneOf(CONTEXTS) };
}

export function madeUpAddress(random: SeededRandom): string {
  const network = random.oneOf(NETWORKS);
  return network + random.between(1, 254).toString(network.includes(":") ? 16 : 10);
}

/** At least one client. */
export function madeUpClients(random: SeededRandom): ClientSession[] {
  const used = CLIENTS.filter(({ share }) => random.fraction() * 100 < share);
  return (used.length > 0 ? used : CLIENTS.slice(0, 1)).map(({ clientId }) => ({ clientId }));
}
