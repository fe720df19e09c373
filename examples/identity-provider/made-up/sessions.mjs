// @ts-check
/**
 * Made-up sessions, for demonstrations and measurements.
 *
 * @module
 */

/** @import { ClientSession, StoredSession } from "rollcall" */

import { randomBytes } from "node:crypto";
import { foldText } from "rollcall";
import { MADE_UP_CLIENT_IDS } from "./clients.mjs";
import { NAMES, NETWORKS, USER_AGENTS } from "./people.mjs";
import { SeededRandom } from "./random.mjs";

/** How long a session lasts after its last use, as shares of the absolute lifetime. */
const LIFETIMES = [1 / 12, 1 / 3, 1 / 3, 1 / 2, 1];

/** The age of the oldest session, in absolute lifetimes. Above 1, so some sessions have expired. */
const OLDEST = 1.5;

/**
 * Makes sessions, one after another. The same seed and time make the same sessions, except for
 * their keys, which are secrets. They have no issuer, because the address of the identity provider
 * isn't known yet.
 *
 * Each expires within the absolute lifetime of the host, like the sessions that the core creates. A
 * later `expires` would be wrong, because an expiry pass removes sessions after that lifetime.
 *
 * @param {number} count
 * @param {{ seed: number, now: number, absoluteLifetime: number }} options `now` in epoch
 * milliseconds, the lifetime in milliseconds
 * @returns {Generator<StoredSession, void, void>}
 */
export function* madeUpSessions(count, { seed, now, absoluteLifetime }) {
  const random = new SeededRandom(seed);
  for (let made = 0; made < count; ) {
    const subjectId = `p${random.hex(2).slice(0, 11)}`;
    const displayName = madeUpName(random);
    const displayNameFolded = foldText(displayName);
    const most = made + howMany(random);
    for (; made < Math.min(most, count); made++) {
      yield {
        ...madeUpSession(random, now, absoluteLifetime),
        subjectId,
        displayName,
        displayNameFolded,
      };
    }
  }
}

/**
 * The number of sessions of a person. Most people have one, a few have very many.
 *
 * @param {SeededRandom} random
 * @returns {number}
 */
function howMany(random) {
  const share = random.fraction();
  if (share < 0.6) return 1;
  if (share < 0.9) return random.between(2, 4);
  if (share < 0.99) return random.between(5, 12);
  return random.between(13, 150);
}

/**
 * @param {SeededRandom} random
 * @returns {string}
 */
function madeUpName(random) {
  const { given, family, isFamilyFirst = false, separator = " " } = random.oneOf(NAMES);
  const parts = [random.oneOf(given), random.oneOf(family)];
  return (isFamilyFirst ? parts.reverse() : parts).join(separator);
}

/**
 * @param {SeededRandom} random
 * @param {number} now
 * @param {number} absoluteLifetime
 * @returns {Omit<StoredSession, "subjectId">}
 */
function madeUpSession(random, now, absoluteLifetime) {
  // Squared, so most sessions are recent.
  const created = now - Math.floor(random.fraction() ** 2 * OLDEST * absoluteLifetime);
  const lifetime = random.oneOf(LIFETIMES) * absoluteLifetime;
  const lastUse = Math.min(now, created + lifetime);
  const renewed = created + Math.floor(random.fraction() * (lastUse - created));
  const network = random.oneOf(NETWORKS);
  return {
    key: randomBytes(32).toString("hex"),
    scheme: "default",
    sessionId: random.hex(4),
    created,
    renewed,
    expires: Math.min(renewed + lifetime, created + absoluteLifetime),
    clients: madeUpClientSessions(random),
    ipAddress: network + random.between(1, 254).toString(network.includes(":") ? 16 : 10),
    userAgent: random.oneOf(USER_AGENTS),
  };
}

/**
 * @param {SeededRandom} random
 * @returns {ClientSession[]}
 */
function madeUpClientSessions(random) {
  const first = random.between(0, MADE_UP_CLIENT_IDS.length - 1);
  const share = random.fraction();
  const count = share < 0.1 ? 0 : share < 0.6 ? 1 : share < 0.9 ? 2 : random.between(3, 6);
  return Array.from({ length: count }, (_, index) => ({
    // Seven has no common factor with the number of clients, so no client comes twice.
    clientId: MADE_UP_CLIENT_IDS[(first + 7 * index) % MADE_UP_CLIENT_IDS.length] ?? "",
    sessionId: random.hex(4),
  }));
}
