/**
 * Faults for tests of the console.
 *
 * @module
 */

import type { Transport } from "../api/client";

declare global {
  /**
   * Tests define it before the page starts. It answers each request of the admin API: with `next`,
   * in another way, or not at all. Only read if the address of the page has `faults`.
   */
  var rollcallFaults: ((request: Request, next: Transport) => Promise<Response>) | undefined;
}

/** The transport, with the faults of a test. */
export function withFaults(transport: Transport): Transport {
  return async (request) => globalThis.rollcallFaults?.(request, transport) ?? transport(request);
}
