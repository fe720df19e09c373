// One of the processes of `crowd.mjs`: node crowd-worker.mjs URL CROWD. Sends a report of its
// changes and reads as a message.
import { CLIENTS, endAll, joined, NOW, SESSIONS_A_SUBJECT } from "./crowd.mjs";
import { namedStores } from "./names.mjs";
import { connect, OPTIONS } from "./postgres-drivers.mjs";
import { endExpired, endSubject, notices, notified } from "./steps.mjs";

const [url, text] = process.argv.slice(2);
const crowd = JSON.parse(text);
const { subjects, leaving, expired, renewals } = crowd;
const staying = subjects * SESSIONS_A_SUBJECT - (leaving + expired) * SESSIONS_A_SUBJECT;

const kysely = await connect(url);
const stores = namedStores(kysely, OPTIONS);
const { sessions: named } = stores;
const report = {
  removed: [],
  revoked: 0,
  renewed: [],
  added: [],
  pages: 0,
  missed: 0,
  repeated: 0,
};

/**
 * Returns the numbers below `count` in random order, so that each process visits the subjects in a
 * different order.
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
  const clients = CLIENTS.map((clientId) => notified(clientId, "session"));
  for (const number of shuffled(leaving)) {
    const notify = notices({ clients });
    add(await endAll(stores, endSubject(`subject ${number}`, { notify })));
  }
}

/**
 * Removes expired sessions a few at a time, as a clean-up does. Skips those that another process
 * has locked.
 */
async function removeExpired() {
  add(await endAll(stores, endExpired(NOW, { limit: 50 })));
}

function add({ removed, revoked }) {
  report.removed.push(...removed);
  report.revoked += revoked;
}

/** Also renews sessions that are about to end: a late renewal must not restore one. */
async function renew() {
  for (let n = 0; n < renewals; n += 1) {
    const number = Math.floor(Math.random() * subjects * SESSIONS_A_SUBJECT);
    const renewed = NOW + n;
    if (await named.update(`key ${number}`, { renewed }))
      report.renewed.push([`key ${number}`, renewed]);
  }
}

/**
 * Adds clients to sessions that all processes reach at about the same time: one client that all
 * processes add, and one of its own. A late client must neither restore a session nor remain after
 * it.
 */
async function addClients() {
  for (let number = 0; number < joined(crowd); number += 1) {
    for (const clientId of ["mail", `client of ${process.pid}`]) {
      // Earlier than every expiry, so that clients are added to sessions that `removeExpired`
      // removes.
      const isThere = await named.addClient(`key ${number}`, { clientId }, 0);
      if (isThere) report.added.push([`key ${number}`, clientId]);
    }
  }
}

async function page() {
  const seen = new Set();
  let remaining = 0;
  const request = { filter: {}, order: "newest", limit: 500 };
  for (let page = await named.list(request); page.sessions.length > 0; ) {
    report.pages += 1;
    for (const { sessionId, subjectId } of page.sessions) {
      if (seen.has(sessionId)) report.repeated += 1;
      seen.add(sessionId);
      if (Number(subjectId.split(" ")[1]) >= leaving + expired) remaining += 1;
    }
    page = await named.list({ ...request, after: page.positions.at(-1) });
  }
  report.missed += staying - remaining;
}

await Promise.all([removeSubjects(), removeExpired(), renew(), addClients(), page()]);
await kysely.destroy();
process.send(report);
