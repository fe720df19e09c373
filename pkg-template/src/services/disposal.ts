/// <reference lib="esnext.disposable" preserve="true" />

/**
 * The disposal of services and runners, for `using` and `await using`.
 *
 * Hosts without `Symbol.dispose` get private symbols. The package doesn't define the global ones,
 * because other code uses them to detect whether the host supports `using`.
 *
 * @module
 */

import { RollcallError } from "../errors.js";

/** The name of the method that `using` calls. */
export const dispose: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol("Symbol.dispose") as typeof Symbol.dispose);

/** The name of the method that `await using` calls. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/** The members that don't return a promise. */
const SYNCHRONOUS: ReadonlySet<PropertyKey> = new Set(["capabilities", "reportDenied"]);

/**
 * Frees the memory of a service. Calls that are running complete.
 *
 * @returns what replaces it: each further call fails with `invalid_argument`, and another disposal
 *   does nothing
 */
export function disposed<Core extends { free(): void }>(core: Core): Core {
  core.free();
  return new Proxy(core, {
    get(_, name) {
      if (name === "free") return () => undefined;
      if (SYNCHRONOUS.has(name)) return reject;
      return async () => reject();
    },
  });
}

function reject(): never {
  throw new RollcallError("invalid_argument", "the service was disposed: create another one");
}
