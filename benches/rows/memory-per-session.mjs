// @ts-check
/**
 * The memory of a session in the memory store: the growth of the module's memory, including indexes
 * and spare capacity.
 *
 * The budget is for a session without its ticket, because the host determines the size of tickets
 * and they're stored unchanged.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { initSync } from "../../pkg/memory_core.js";
import { filledMemory } from "../engines/memory.mjs";

/** Bytes. */
const BUDGET = 400;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  // Keep the first stores while filling the second ones, which would otherwise reuse their memory.
  const withoutTickets = await growth(total, { tickets: false });
  const withTickets = await growth(total, { tickets: true });
  const what = `memory store, a session of ${total.toLocaleString("en")}`;
  return [
    {
      what: `${what}, without its ticket`,
      amount: withoutTickets.bytes,
      unit: "bytes",
      budget: BUDGET,
    },
    { what: `${what}, with a short ticket`, amount: withTickets.bytes, unit: "bytes" },
  ];
}

/**
 * @param {number} total
 * @param {{ tickets: boolean }} options
 */
async function growth(total, options) {
  const before = memorySize();
  const { stores } = await filledMemory(total, options);
  const bytes = (memorySize() - before) / total;
  const stored = await stores.sessions.count?.({});
  if (stored !== total) throw new Error(`the store has ${stored} sessions instead of ${total}`);
  return { stores, bytes };
}

function memorySize() {
  // The module is already loaded. `initSync` returns its exports, which the published types hide.
  // They have short names.
  const exports = /** @type {Record<string, unknown>} */ (
    /** @type {unknown} */ (initSync({ module: undefined }))
  );
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  if (memory === undefined) throw new Error("the module exports no memory");
  return memory.buffer.byteLength;
}
