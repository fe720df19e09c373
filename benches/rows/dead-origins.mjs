// @ts-check
/**
 * How long dead origins delay the others: the wall time until the last reachable client is notified
 * when one in twenty origins is dead. It's compared with the time without dead origins, and with a
 * plain loop of `fetch` that posts presigned tokens to the reachable clients only.
 *
 * Three of the five dead origins accept connections and never answer, so an attempt lasts until the
 * sender's timeout. The other two refuse connections.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { memoryStores } from "../../pkg/entry/memory-node.js";
import { summarize } from "../paired.mjs";
import { postAll, tokenSigner } from "./deliveries/loop.mjs";
import { clientsAt, notificationsFor, signingKey } from "./deliveries/notifications.mjs";
import { startOrigins } from "./deliveries/origins.mjs";
import { deliveryFrom, localSender, OPTIONS } from "./deliveries/rollcall.mjs";

/** The same as for deliveries without dead origins. */
const BUDGET = 1.2;

const ORIGINS = { answering: 100, silent: 3, refusing: 2 };
/** One in this many origins is replaced by a dead one. */
const DEAD_EVERY = 20;
/** The response time of a client behind a network, in milliseconds. */
const FAR = 20;

const ALG = "ES256";
const ROUNDS = 7;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ notifications: total }) {
  const origins = await startOrigins(ORIGINS);
  const findings = [];
  for (const delay of [0, FAR]) {
    const rounds = await measureRounds(origins, total, delay);
    const clients = delay === 0 ? "" : `, to clients that take ${delay} ms`;
    const what = `delivering ${total.toLocaleString("en")} notifications${clients}, time to the last reachable client with 5 % of origins dead`;
    findings.push(
      {
        what: `${what}: over none dead`,
        ratio: summarize(rounds.map(({ someDead, noneDead }) => [someDead, noneDead])),
      },
      {
        what: `${what}: over a loop of presigned tokens`,
        ratio: summarize(rounds.map(({ someDead, loop }) => [someDead, loop])),
        budget: BUDGET,
      },
    );
  }
  await origins.stop();
  return findings;
}

/**
 * Milliseconds until the last reachable client is notified.
 *
 * @typedef {Record<"someDead" | "noneDead" | "loop", number>} Round
 */

/**
 * @param {Awaited<ReturnType<typeof startOrigins>>} origins
 * @param {number} total
 * @param {number} delay of the answers, in milliseconds
 * @returns {Promise<Round[]>}
 */
async function measureRounds({ answering, silent, refusing }, total, delay) {
  const dead = [...silent, ...refusing];
  const uris = answering.map((origin) => `${origin}/${delay}`);
  const isDead = (/** @type {number} */ index) => index % DEAD_EVERY === 0;
  const clients = {
    noneDead: clientsAt(uris, ALG),
    someDead: clientsAt(
      uris.map((uri, index) => (isDead(index) ? (dead[index / DEAD_EVERY] ?? "") : uri)),
      ALG,
    ),
  };
  const reachable = new Set(
    clients.noneDead.filter((_, index) => !isDead(index)).map(({ clientId }) => clientId),
  );
  const notifications = notificationsFor(clients.noneDead, total).filter(({ clientId }) =>
    reachable.has(clientId),
  );
  const key = await signingKey(ALG);
  const send = localSender(key);
  const tokens = await Promise.all(notifications.map(await tokenSigner(key)));

  const deliver = async (/** @type {"someDead" | "noneDead"} */ manner) => {
    const stores = memoryStores();
    await stores.outbox.add(notificationsFor(clients[manner], total));
    let left = notifications.length;
    let end = 0;
    const delivery = deliveryFrom(stores, clients[manner], async (message, options) => {
      const outcome = await send(message, options);
      if (outcome.delivered && reachable.has(message.clientId)) {
        left -= 1;
        end = performance.now();
      }
      return outcome;
    });
    const begin = performance.now();
    while (left > 0) await delivery.deliverDue({ limit: total });
    if (left < 0) throw new Error(`${-left} notifications were delivered twice`);
    return end - begin;
  };
  const runs = {
    someDead: () => deliver("someDead"),
    noneDead: () => deliver("noneDead"),
    loop: async () => {
      const begin = performance.now();
      await postAll(notifications, (_, index) => tokens[index] ?? "", OPTIONS.concurrency);
      return performance.now() - begin;
    },
  };

  // Warm up, so that V8 optimizes the code.
  await runs.noneDead();
  await runs.loop();
  const rounds = [];
  while (rounds.length < ROUNDS) {
    /** @type {Round} */
    const round = { someDead: 0, noneDead: 0, loop: 0 };
    const names = /** @type {(keyof Round)[]} */ (Object.keys(round)).sort(
      () => Math.random() - 0.5,
    );
    for (const name of names) {
      globalThis.gc?.({ type: "minor" });
      round[name] = await runs[name]();
    }
    rounds.push(round);
  }
  return rounds;
}
