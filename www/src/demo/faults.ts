/**
 * Faults for tests of the console.
 *
 * @module
 */

import type { Transport } from "../api/client";

declare global {
  /**
   * Tests define it before the page starts. It handles each request to the admin API: it calls
   * `next`, answers itself, or never answers. It's only used if the page's address has `faults`.
   */
  var rollcallFaults: ((request: Request, next: Transport) => Promise<Response>) | undefined;
}

/** The transport, with the faults of a test. */
export function withFaults(transport: Transport): Transport {
  return async (request) => globalThis.rollcallFaults?.(request, transport) ?? transport(request);
}
