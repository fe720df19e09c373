/**
 * What stands for the core's exports until the module is loaded.
 *
 * @module
 */

import { RollcallError } from "./errors.js";

/**
 * Throws `not_configured` whatever is asked of it. The build puts it into the glue, see
 * `xtask/src/build/glue.rs`.
 */
export const unloaded: object = new Proxy(
  {},
  {
    get() {
      throw new RollcallError(
        "not_configured",
        "the core is not loaded yet: await `initialize(…)` of `rollcall/slim` first",
      );
    },
  },
);
