// @ts-check
/**
 * How much memory a session takes in the memory store: by how much the module's memory has grown,
 * with all that indexes and spare room take.
 *
 * The budget is for a session without its ticket, which is as long as the host makes it and stored
 * as it is.
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
  // The first stores are kept while the second ones are filled, so that these get no memory that
  // those have left.
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
  // The module is loaded by now. The published types do not tell that its exports come back, which
  // have short names.
  const exports = /** @type {Record<string, unknown>} */ (
    /** @type {unknown} */ (initSync({ module: undefined }))
  );
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  if (memory === undefined) throw new Error("the module exports no memory");
  return memory.buffer.byteLength;
}
