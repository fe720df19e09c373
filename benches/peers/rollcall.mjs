// @ts-check
/**
 * Rollcall: the services with its own stores.
 *
 * @module
 */

/** @import { Host } from "../../pkg/index.js" */
/** @import { Operations } from "./operations.mjs" */

import { randomBytes } from "node:crypto";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { openPostgres } from "../engines/postgres.mjs";
import { ENDED, ending, expect, POOLING } from "./operations.mjs";
import { checkedSessions, LIFETIME, pageSubjects, turns } from "./sessions.mjs";

const PAGE_SIZE = 25;
const KEYS = { current: "bench", keys: { bench: new Uint8Array(randomBytes(32)) } };

/**
 * @param {string} url
 * @param {number} total
 * @returns {Promise<Operations>}
 */
export async function start(url, total) {
  const { stores } = openPostgres(url, POOLING);
  const tickets = new TicketStore(stores, { keys: KEYS });
  const cookies = await Promise.all(
    checkedSessions(total).map((session) => tickets.store(signIn(session))),
  );
  const nextCookie = turns(cookies);
  const nextSubject = turns(pageSubjects(total));
  const management = new SessionManagement(stores);
  const pages = pagesOf(management);

  /** @type {Operations} */
  const operations = {
    check: async () => {
      const session = await tickets.retrieve(nextCookie());
      expect(session?.ticket !== undefined, "no ticket");
    },
    "first page": pages["first page"],
    "counted page": pages["counted page"],
    "page of a subject": () => pages["page of a subject"](nextSubject()),
  };
  const [template] = checkedSessions(total);
  if (template === undefined) throw new Error("there is no session to sign in with");
  const notifying = new SessionManagement({ ...stores, ...receivers() });
  for (const [name, size] of ENDED) {
    const store = async () => {
      const subjectId = `leaving ${randomBytes(8).toString("hex")}`;
      const session = signIn({ ...template, subjectId });
      await Promise.all(Array.from({ length: size }, () => tickets.store(session)));
      return subjectId;
    };
    operations[`end ${name}`] = ending(store, async (subjectId) => {
      const { sessionsRemoved } = await management.removeSessions({ subjectId });
      expect(sessionsRemoved === size, `${sessionsRemoved} sessions ended`);
    });
    operations[`end ${name} and notify`] = ending(store, async (subjectId) => {
      const { sessionsRemoved, notifications } = await notifying.removeSessions({ subjectId });
      const { delivered } = notifications;
      expect(sessionsRemoved === size, `${sessionsRemoved} sessions ended`);
      // At least one for each client, because a client can be notified of each of its sessions.
      expect(delivered >= template.clients.length, `${delivered} notifications delivered`);
    });
  }
  return operations;
}

/**
 * The pages. Each call checks that its page is full.
 *
 * @param {SessionManagement} management
 */
export function pagesOf(management) {
  return {
    "first page": async () => {
      const { results } = await management.querySessions({ count: "none" });
      expect(results.length === PAGE_SIZE, `${results.length} results`);
    },
    "counted page": async () => {
      const { results, totalCount } = await management.querySessions({});
      expect(results.length === PAGE_SIZE && totalCount !== undefined, "no full page with a count");
    },
    "page of a subject": async (/** @type {string} */ subjectId) => {
      const { results } = await management.querySessions({ subjectId, count: "none" });
      expect(results.length === PAGE_SIZE, `${results.length} results`);
    },
  };
}

/**
 * A session as an identity provider stores it at a sign-in, with the user's claims in the ticket.
 *
 * @param {ReturnType<typeof checkedSessions>[number]} session
 */
function signIn({ subjectId, displayName = "", issuer, clients, ipAddress, userAgent }) {
  const claims = {
    sub: subjectId,
    name: displayName,
    email: `${subjectId}@example.com`,
    role: "editor",
    amr: ["pwd", "otp"],
  };
  const expires = Date.now() + LIFETIME;
  const ticket = { claims, authTime: Math.floor(Date.now() / 1_000) };
  return { subjectId, displayName, issuer, clients, ipAddress, userAgent, expires, ticket };
}

/**
 * All clients are known and answer at once.
 *
 * @returns {Pick<Host, "clients" | "sendLogout">}
 */
function receivers() {
  return {
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    sendLogout: () => ({ delivered: true, status: 200 }),
  };
}
