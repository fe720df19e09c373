// @ts-check
/**
 * The memory stores, filled with made-up sessions.
 *
 * @module
 */

import { memoryStores } from "../../pkg/entry/memory-node.js";
import { makeSession } from "../sessions.mjs";

/**
 * Fills stores in memory with this many sessions.
 *
 * @param {number} total
 * @param {{ tickets?: boolean }} options
 */
export async function filledMemory(total, { tickets = true } = {}) {
  const stores = memoryStores();
  for (let number = 0; number < total; number += 1) {
    const { ticket, ...session } = makeSession(number, total);
    await stores.sessions.create(
      tickets && ticket !== undefined ? { ...session, ticket } : session,
    );
  }
  return { stores, close: async () => {} };
}
