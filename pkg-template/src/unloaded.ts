/**
 * Stands in for the exports of a module until it is loaded.
 *
 * @module
 */

import { RollcallError } from "./errors.js";

/**
 * An object whose every member throws `not_configured`. The build puts it into the glue of each
 * module, see `xtask/src/build/glue.rs`.
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
