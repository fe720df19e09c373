// One of the processes of `crowd.mjs`: node crowd-worker.mjs URL CROWD. Sends what it did and saw
// as a message.
import { SessionManagement } from "../../pkg/entry/node.js";
import { sqlStores } from "../../pkg/sql.js";
import { joined, NOW, SESSIONS_A_SUBJECT } from "./crowd.mjs";
import { byName } from "./names.mjs";
import { connect, OPTIONS } from "./postgres-drivers.mjs";
import { endingStep } from "./samples.mjs";

const [url, text] = process.argv.slice(2);
const crowd = JSON.parse(text);
const { subjects, leaving, expired, renewals } = crowd;
const staying = subjects * SESSIONS_A_SUBJECT - (leaving + expired) * SESSIONS_A_SUBJECT;

const kysely = await connect(url);
const stores = sqlStores(kysely, OPTIONS);
const { sessions: named, atomic } = byName(stores);
const report = {
  removed: [],
  revoked: 0,
  renewed: [],
  added: [],
  pages: 0,
  missed: 0,
  repeated: 0,
};
const management = new SessionManagement({
  ...stores,
  clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://client.example.com/logout" }),
  onEvent: ({ type, sessionId }) => {
    if (type === "session_removed") report.removed.push(sessionId);
  },
});

/**
 * The numbers below `count`, in random order: each process comes by the same subjects in another
 * one.
 */
function shuffled(count) {
  const numbers = Array.from({ length: count }, (_, n) => n);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other], numbers[last]];
  }
  return numbers;
}

async function removeSubjects() {
  for (const number of shuffled(leaving)) {
    const { tokensRevoked } = await management.removeSessions({ subjectId: `subject ${number}` });
    report.revoked += tokensRevoked;
  }
}

/**
 * As a clean-up does: a batch of the sessions that expired first, each with its tokens and a
 * notification to each client.
 */
async function removeExpired() {
  for (;;) {
    const step = endingStep({
      filter: { expiredAt: NOW },
      order: "expiry",
      limit: 50,
      revoke: { ofSessions: { types: [] } },
    });
    const { sessions, tokens } = await atomic.endSessions(step);
    report.removed.push(...sessions.map(({ sessionId }) => sessionId));
    report.revoked += tokens;
    if (sessions.length === 0) {
      // Another process may be ending the last ones, which this one passes over.
      if ((await named.count({ expiredAt: NOW })) === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Also those that are about to go: a late renewal must not bring one back. */
async function renew() {
  for (let n = 0; n < renewals; n += 1) {
    const number = Math.floor(Math.random() * subjects * SESSIONS_A_SUBJECT);
    const renewed = NOW + n;
    if (await named.update(`key ${number}`, { renewed }))
      report.renewed.push([`key ${number}`, renewed]);
  }
}

/**
 * Joins sessions that all processes come by at about the same time: as a client that all of them
 * add, and as one of this process's own. A late one must neither bring a session back nor be left
 * behind by it.
 */
async function addClients() {
  for (let number = 0; number < joined(crowd); number += 1) {
    for (const clientId of ["mail", `client of ${process.pid}`]) {
      // Before every expiry, so that clients join the sessions that `removeExpired` removes.
      const isThere = await named.addClient(`key ${number}`, { clientId }, 0);
      if (isThere) report.added.push([`key ${number}`, clientId]);
    }
  }
}

async function page() {
  const seen = new Set();
  let stayers = 0;
  for (let resultsToken; ; ) {
    const page = await management.querySessions({
      count: "none",
      countRequested: 500,
      ...(resultsToken && { resultsToken }),
    });
    report.pages += 1;
    for (const { sessionId, subjectId } of page.results) {
      if (seen.has(sessionId)) report.repeated += 1;
      seen.add(sessionId);
      if (Number(subjectId.split(" ")[1]) >= leaving + expired) stayers += 1;
    }
    if (!page.hasNextResults) break;
    resultsToken = page.resultsToken;
  }
  report.missed += staying - stayers;
}

await Promise.all([removeSubjects(), removeExpired(), renew(), addClients(), page()]);
await kysely.destroy();
process.send(report);
