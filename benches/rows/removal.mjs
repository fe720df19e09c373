// @ts-check
/**
 * Removals in SQLite, from the call to the report, for each session that is removed: sessions one by one, and all of a subject at
 * once. The notifications are recorded, and delivered to a sender that answers at once.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { SessionManagement } from "../../pkg/entry/node.js";
import { median } from "../paired.mjs";
import { CLIENT_IDS, makeSession, subjectsOf } from "../sessions.mjs";
import { filledSqlite } from "../stores.mjs";

const SINGLE_REMOVALS = 1_000;
const SUBJECT_SIZE = 1_000;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  const { stores, close } = await filledSqlite(total, { throwAway: true });
  const known = new Set(CLIENT_IDS);
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) =>
      known.has(clientId) ? { clientId, backChannelLogoutUri: `https://${clientId}.example.com/logout` } : undefined,
    sendLogout: () => ({ delivered: true, status: 200 }),
  });
  const subjects = subjectsOf(SUBJECT_SIZE, total).map(({ subjectId }) => subjectId);
  const ofSubjects = new Set(subjects);
  const spread = Array.from({ length: 2 * SINGLE_REMOVALS }, (_, index) =>
    makeSession(Math.floor((index * total) / (2 * SINGLE_REMOVALS)), total),
  );
  const single = spread.filter(({ subjectId }) => !ofSubjects.has(subjectId)).slice(0, SINGLE_REMOVALS);

  const oneByOne = [];
  for (const { sessionId } of single) oneByOne.push(await timeOfRemoval(management, { sessionId }, 1));
  const atOnce = [];
  for (const subjectId of subjects) atOnce.push(await timeOfRemoval(management, { subjectId }, SUBJECT_SIZE));
  await close();

  const what = `removing from ${total.toLocaleString("en")} sessions, SQLite`;
  return [
    { what: `${what}: one session`, amount: median(oneByOne), unit: "ms a session" },
    { what: `${what}: all ${SUBJECT_SIZE.toLocaleString("en")} of a subject`, amount: median(atOnce), unit: "ms a session" },
  ];
}

/**
 * Milliseconds a session.
 *
 * @param {SessionManagement} management
 * @param {{ sessionId: string } | { subjectId: string }} target
 * @param {number} expected how many sessions that is
 */
async function timeOfRemoval(management, target, expected) {
  const start = performance.now();
  const { sessionsRemoved, notifications } = await management.removeSessions(target);
  const time = (performance.now() - start) / expected;
  if (sessionsRemoved !== expected || notifications.delivered === 0) {
    throw new Error(`the removal ended ${sessionsRemoved} sessions and told ${notifications.delivered} clients`);
  }
  return time;
}
