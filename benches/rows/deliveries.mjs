// @ts-check
/**
 * Delivering what is in an outbox, over a plain loop of `fetch` that posts tokens to the same
 * clients, as many at once.
 *
 * It is measured by the clock: what counts is when the last client knows, and only on the clock
 * does it matter how many are told at once. The clients are in another process. Those that answer
 * sooner than this one can ask show all that delivering costs, for nothing takes time but the work
 * of this process; those that are a network away show what is left of it. The budget holds for
 * both. The loop's tokens are signed beforehand: signing is part of what delivering takes longer. A
 * loop that signs is what somebody writes who needs no outbox.
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
/** How long a client that is a network away takes to answer, in milliseconds. */
const FAR = 20;
/** A call takes seconds. */
const EFFORT = 0.1;

/**
 * What is compared.
 *
 * @typedef {object} Case
 * @property {string} what
 * @property {() => Stores} [stores] those of a round; default: new ones in memory
 * @property {string} [alg] by which tokens are signed; default ES256
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
