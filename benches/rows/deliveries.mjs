// @ts-check
/**
 * Delivering the notifications of an outbox, over a plain loop of `fetch` that posts tokens to the
 * same clients with the same concurrency.
 *
 * Wall time is measured, because the time of the last notification matters and because concurrency
 * affects only wall time. The clients are in another process. With clients that answer at once, the
 * time is that of this process alone. With clients behind a network, the cost of delivering is a
 * smaller share. The budget holds for both. The tokens of the loop are signed beforehand, so
 * signing counts as a cost of delivering. The loop that signs is an alternative for a provider
 * without an outbox.
 *
 * @module
 */

/** @import { LogoutDelivery } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */
/** @import { Manner } from "../paired.mjs" */
/** @import { Stores } from "./deliveries/rollcall.mjs" */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { temporaryFolder } from "../../tests/servers/server.mjs";
import { fillSqlite, openSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";
import { makeSession } from "../sessions.mjs";
import { postAll, tokenSigner } from "./deliveries/loop.mjs";
import { clientsAt, notificationsFor, signingKey } from "./deliveries/notifications.mjs";
import { startOrigins } from "./deliveries/origins.mjs";
import { deliverAll, deliveryFrom, localSender, OPTIONS } from "./deliveries/rollcall.mjs";

const BUDGET = 1.2;

const ORIGINS = 100;
/** The response time of a client behind a network, in milliseconds. */
const FAR = 20;
/** A call takes seconds, so there are few rounds. */
const EFFORT = 0.1;

/**
 * A comparison.
 *
 * @typedef {object} Case
 * @property {string} what
 * @property {() => Stores} [stores] for one round; default: new ones in memory
 * @property {string} [alg] with which tokens are signed; default ES256
 * @property {boolean} [loopSigns] default false
 * @property {number} [delay] of the answers, in milliseconds; default 0
 * @property {Manner} [manner]
 * @property {number} [budget]
 */

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ notifications: total }) {
  const origins = await startOrigins({ answering: ORIGINS, silent: 0, refusing: 0 });
  const sqlite = await emptySqlite();
  /** @type {Case[]} */
  const cases = [
    { what: "in memory: over a loop of presigned tokens", budget: BUDGET },
    {
      what: "in memory: over a loop of presigned tokens, processor time",
      manner: { effort: EFFORT },
    },
    { what: "in memory: over a loop that signs", loopSigns: true },
    {
      what: "in memory, by RS256: over a loop that signs",
      alg: "RS256",
      loopSigns: true,
      manner: { clock: "wall", effort: EFFORT / 2 },
    },
    { what: "SQLite: over a loop of presigned tokens", stores: () => sqlite.stores },
    {
      what: `in memory, to clients that take ${FAR} ms: over a loop of presigned tokens`,
      delay: FAR,
      manner: { clock: "wall", effort: EFFORT / 2 },
      budget: BUDGET,
    },
  ];
  const findings = [];
  for (const { what, budget, ...rest } of cases) {
    const ratio = await ratioOf(total, origins, rest);
    findings.push({
      what: `delivering ${total.toLocaleString("en")} notifications, ${what}`,
      ratio,
      ...(budget !== undefined && { budget }),
    });
  }
  await sqlite.close();
  await origins.stop();
  return findings;
}

/**
 * @param {number} total
 * @param {Awaited<ReturnType<typeof startOrigins>>} origins
 * @param {Omit<Case, "what" | "budget">} compared
 */
async function ratioOf(
  total,
  { answering, answered },
  {
    stores = memoryStores,
    alg = "ES256",
    loopSigns = false,
    delay = 0,
    manner = { clock: "wall", effort: EFFORT },
  },
) {
  const clients = clientsAt(
    answering.map((origin) => `${origin}/${delay}`),
    alg,
  );
  const key = await signingKey(alg);
  const sendLogout = localSender(key);
  const sign = await tokenSigner(key);
  const notifications = notificationsFor(clients, total);
  const tokens = await Promise.all(notifications.map(sign));

  /** @type {LogoutDelivery[]} */
  const prepared = [];
  let calls = 0;
  const before = await answered();
  const ratio = await pairedRatio(
    {
      prepare: async (count) => {
        for (let made = 0; made < count; made += 1) {
          const filled = stores();
          await filled.outbox.add(notificationsFor(clients, total));
          prepared.push(deliveryFrom(filled, clients, sendLogout));
        }
      },
      call: async () => {
        calls += 1;
        await deliverAll(/** @type {LogoutDelivery} */ (prepared.pop()), total);
      },
    },
    async () => {
      calls += 1;
      await postAll(
        notifications,
        loopSigns ? sign : (_, index) => tokens[index] ?? "",
        OPTIONS.concurrency,
      );
    },
    manner,
  );
  if ((await answered()) - before !== calls * total)
    throw new Error("not every client was notified once");
  return ratio;
}

/** The stores of a new SQLite file. */
async function emptySqlite() {
  const file = pathToFileURL(join(temporaryFolder("deliveries"), "outbox.db"));
  await fillSqlite(file, 0, (number) => makeSession(number, 1));
  return openSqlite(file);
}
