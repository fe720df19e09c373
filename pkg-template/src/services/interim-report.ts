/**
 * Calls that return before all clients are notified.
 *
 * @module
 */

import { forLog } from "../core/errors.js";
import { observe } from "../core/events.js";
import { checkFunction, optionsObject } from "../options.js";
import type { CallOptions, DeliveringCallOptions } from "../types.js";

const KNOWN = ["signal", "onProgress", "waitUntil"] as const;

/**
 * Makes a call that resolves with its interim report once it has waited long enough. The rest of
 * its work is passed to `waitUntil`. If that work fails, the error is logged to the console, and
 * the outbox still has the notifications.
 *
 * @param call makes the call with a function that receives the interim report
 */
export async function callWithInterimReport<Report>(
  call: (publish: (report: Report) => void, options: CallOptions) => Promise<Report>,
  options: DeliveringCallOptions | undefined,
): Promise<Report> {
  const { waitUntil, ...callOptions } = optionsObject(options, "the call's options", KNOWN);
  checkFunction(waitUntil, "waitUntil");
  return await new Promise((resolve, reject) => {
    const publish = (report: Report) => {
      resolve(report);
      const rest = whole.catch((error) =>
        console.error("rollcall: a delivery in the background failed:", forLog(error)),
      );
      observe("waitUntil", () => waitUntil?.(rest));
    };
    const whole = call(publish, callOptions);
    whole.then(resolve, reject);
  });
}
