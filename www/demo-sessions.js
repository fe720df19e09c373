// @ts-check
/**
 * The sample sessions of the demo: the same at every load, so that an address keeps its meaning.
 *
 * @module
 */

/** @import { GrantStore, NewSession, PersistedGrant } from "../pkg/index.js" */
/** @import { SessionChange, SessionStore } from "../pkg/index.js" */

import { demoClients } from "./demo-clients.js";
import { ADMINISTRATOR, sampleSubject } from "./demo-subjects.js";
import { TicketStore } from "./pkg/entry/browser.js";

/** How many there are beside the administrator's own. */
const SESSIONS = 517;

/** Milliseconds. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Over how long they began. */
const SPAN = 30 * DAY;
/** How long they last; `undefined` is for ever. */
const LIFETIMES = [8 * HOUR, 14 * DAY, 14 * DAY, 30 * DAY, undefined];

const USER_AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148",
];

/**
 * A sign-in and its last renewal, and when they happened: epoch milliseconds.
 *
 * @typedef {Omit<NewSession, "clients"> & { sessionId: string, clients: string[] }} SignIn
 * @typedef {{ created: number, signIn: SignIn, renewed: number, renewal: SessionChange }}
 * SampleSession
 */

/**
 * Signs everybody in, oldest first, and the administrator last.
 *
 * @param {{ sessions: SessionStore, grants: GrantStore }} stores
 */
export async function fillSessions(stores) {
  // On the hour, so that a reload finds them at the times of the load before.
  const now = Math.floor(Date.now() / HOUR) * HOUR;
  let clock = now;
  const keys = { current: "demo", keys: { demo: crypto.getRandomValues(new Uint8Array(32)) } };
  const tickets = new TicketStore({ ...stores, now: () => clock }, { keys });
  for (let index = 0; index <= SESSIONS; index++) {
    const sample = index < SESSIONS ? await sampleSession(index, now) : administratorSession(now);
    clock = sample.created;
    const cookie = await tickets.store(sample.signIn);
    clock = sample.renewed;
    await tickets.renew(cookie, sample.renewal);
    for (const grant of grantsOf(sample)) await stores.grants.store(grant);
  }
}

/**
 * @param {number} index
 * @param {number} now
 * @returns {Promise<SampleSession>}
 */
async function sampleSession(index, now) {
  const bytes = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`sample session ${index}`)),
  );
  const [who = 0, lifetime = 0, use = 0, agent = 0, network = 0, host = 0, someClients = 0] =
    bytes.subarray(16);
  const created = Math.round(now - SPAN * (1 - (index + 1) / (SESSIONS + 1)) ** 2);
  const lasts = LIFETIMES[lifetime % LIFETIMES.length];
  const renewed = Math.round(created + (use / 255) * Math.min((lasts ?? SPAN) / 2, now - created));
  const clients = [...demoClients.keys()].filter((_, bit) => ((someClients >> bit) & 1) === 1);
  return {
    created,
    signIn: {
      ...sampleSubject(who),
      sessionId: hex(bytes.subarray(0, 16)),
      issuer: "https://id.example",
      clients,
      // The networks are the ones for documentation (RFC 5737, RFC 3849).
      ipAddress: network < 64 ? `2001:db8:${network}::${host.toString(16)}` : `198.51.100.${host}`,
      userAgent: USER_AGENTS[agent % USER_AGENTS.length] ?? "",
    },
    renewed,
    renewal: lasts === undefined ? {} : { expires: renewed + lasts },
  };
}

/**
 * @param {number} now
 * @returns {SampleSession}
 */
function administratorSession(now) {
  const signIn = {
    ...ADMINISTRATOR,
    issuer: "https://id.example",
    clients: ["mail", "wiki"],
    ipAddress: "192.0.2.7",
    userAgent: navigator.userAgent,
  };
  return { created: now, signIn, renewed: now, renewal: { expires: now + DAY } };
}

/**
 * The refresh token of each client of a session, and the consent to it, which its subject gave
 * once.
 *
 * @param {SampleSession} sample
 * @returns {PersistedGrant[]}
 */
function grantsOf({ signIn: { subjectId, sessionId, clients }, created }) {
  return clients.flatMap((clientId) => {
    const grant = { subjectId, clientId, created: new Date(created), data: "{}" };
    return [
      { ...grant, key: `refresh_token:${sessionId}:${clientId}`, type: "refresh_token", sessionId },
      { ...grant, key: `user_consent:${subjectId}:${clientId}`, type: "user_consent" },
    ];
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
