// A process that works on a database until it's killed: node worker.mjs ENGINE PLACE. It gets its
// jobs as messages, one after the other, and logs its steps (`trap.mjs`).
import { LogoutDelivery, SessionCoordination, SessionManagement } from "../../pkg/entry/node.js";
import { backChannelSender } from "../../pkg/logout.js";
import { openDatabase } from "./databases.mjs";
import { log, Trap } from "./trap.mjs";
import { watchedDialect, watchedHost } from "./watched.mjs";

/**
 * @typedef {object} Job
 * @property {(keyof typeof OPERATIONS)[]} operations in order
 * @property {import("./trap.mjs").Moment} [moment] when the process is killed
 * @property {boolean} atomic whether the host has a transaction for removals
 * @property {number} now epoch milliseconds
 * @property {Record<string, import("../../pkg/index.js").Client>} clients
 * @property {object} key of the provider, as a JWK
 * @property {import("../../pkg/index.js").RemoveSessionsContext} [removal]
 * @property {number} [batchSize] of an expiry pass
 */

// Milliseconds, longer than any lease or pause before the next attempt. A delivery waits for that
// long first.
const PATIENCE = 61_000;
const MOST_PASSES = 20;

const DELIVERY = { leaseFor: 50, firstRetry: 100, maxRetry: 1_000 };
const COORDINATION = {
  coordinateClientLifetimesWithUserSession: true,
  expiredSessionsTriggerBackchannelLogout: true,
};

const OPERATIONS = {
  remove: ({ host, job }) => new SessionManagement(host).removeSessions(job.removal),
  expire: async ({ host, job }) => {
    const coordination = new SessionCoordination(host, COORDINATION);
    await untilNothing(
      () => coordination.removeExpiredSessions({ batchSize: job.batchSize }),
      ({ more }) => more,
    );
  },
  deliver: async ({ host, stores, clock }) => {
    const delivery = new LogoutDelivery(host, DELIVERY);
    const wait = () => {
      clock.now += PATIENCE;
    };
    wait();
    await untilNothing(
      () => delivery.deliverDue({ limit: 4 }),
      async ({ more }) => {
        if (more) return true;
        wait();
        return (await stores.outbox.list({ state: "pending" }, undefined, 1)).length > 0;
      },
    );
  },
};

/** Makes passes while there is more. */
async function untilNothing(pass, isThereMore) {
  for (let passes = 1; await isThereMore(await pass()); passes += 1) {
    if (passes >= MOST_PASSES) throw new Error(`there is more to do after ${passes} passes`);
  }
}

const [engine, place] = process.argv.slice(2);
let trap = await Trap.set();
const { stores } = await openDatabase(engine, place, (dialect) =>
  watchedDialect(dialect, () => trap),
);

async function work(/** @type {Job} */ job) {
  trap = await Trap.set(job.moment);
  const { atomic, ...others } = stores;
  const clock = { now: job.now };
  const host = watchedHost(
    {
      ...others,
      ...(job.atomic && { atomic }),
      clients: (clientId) => job.clients[clientId],
      sendLogout: backChannelSender({
        issuer: "https://id.example.com",
        signingKeys: [job.key],
        allowInsecure: true,
      }),
      now: () => clock.now,
    },
    trap,
  );
  for (const operation of job.operations) await OPERATIONS[operation]({ host, stores, clock, job });
  log({ event: "done" });
}

process.on("message", work);
