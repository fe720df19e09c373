/**
 * Calls that return before the last client was told.
 *
 * @module
 */

import type { CoreService, Operation } from "./core.js";
import { checkFunction, optionsObject } from "./options.js";
import type { DeliveringCallOptions } from "./types.js";

/**
 * Makes a call that resolves with what it has when it has waited long enough. What it goes on with
 * is given to `waitUntil`; if that fails, the outbox still has what was not told, and the console
 * has the error.
 */
export async function callAndPublish<Report>(
  core: CoreService,
  operation: Operation,
  argument: unknown,
  options: DeliveringCallOptions | undefined,
): Promise<Report> {
  const { waitUntil, ...callOptions } = optionsObject(options, "the call's options");
  checkFunction(waitUntil, "waitUntil");
  return await new Promise((resolve, reject) => {
    const whole: Promise<Report> = core.call(
      operation,
      argument,
      (report: Report) => {
        resolve(report);
        const rest = whole.catch((error) =>
          console.error("rollcall: a delivery that went on after its call failed:", error),
        );
        try {
          waitUntil?.(rest);
        } catch (error) {
          console.error("rollcall: `waitUntil` threw:", error);
        }
      },
      callOptions,
    );
    whole.then(resolve, reject);
  });
}
