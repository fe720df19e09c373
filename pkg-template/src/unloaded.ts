/**
 * A placeholder for the exports of a module that isn't loaded yet.
 *
 * @module
 */

import { RollcallError } from "./errors.js";

/**
 * An object that throws `not_configured` when a member is read. The build adds it to the glue code
 * of each module, see `xtask/src/build/glue.rs`.
 *
 * @param entry the entry point whose `initialize` loads the module
 */
export function unloadedModule(entry: string): object {
  return new Proxy(
    {},
    {
      get() {
        throw new RollcallError(
          "not_configured",
          `\`${entry}\` is not loaded yet: await its \`initialize(…)\` first`,
        );
      },
    },
  );
}
