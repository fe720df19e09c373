/**
 * Checks the argument of handlers that answer web-standard requests.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";

/**
 * If a framework passes Node's own request, there is no way to answer, so this throws.
 *
 * @param what the handler, such as "the admin API"
 * @param name the handler in the example of the message
 * @throws {RollcallError} `invalid_argument`
 */
export function checkRequest(request: unknown, what: string, name: string): void {
  const { url, headers } = Object(request);
  if (typeof url === "string" && typeof headers?.get === "function") return;
  throw invalidArgument(
    `${what} takes a web-standard \`Request\`: on Node wrap it, for example with \`getRequestListener((request) => ${name}(request))\` of \`@hono/node-server\``,
  );
}
