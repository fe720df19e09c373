/**
 * Checks what callers give as options, where the core does not.
 *
 * @module
 */

import { RollcallError } from "./errors.js";

/**
 * The options, or none where they are absent. A misspelt one must not be ignored.
 *
 * @param known the names that there are; without them any name is
 * @throws {RollcallError} `invalid_argument`
 */
export function optionsObject<Options extends object>(
  options: Options | null | undefined,
  what: string,
  known?: readonly string[],
): Partial<Options> {
  if (options == null) {
    return {};
  }
  if (typeof options !== "object" || Array.isArray(options)) {
    throw new RollcallError("invalid_argument", `${what} must be an object`);
  }
  const unknown = known && Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RollcallError(
      "invalid_argument",
      `${what} has no option \`${unknown}\`: it has ${known?.join(", ")}`,
    );
  }
  return options;
}

/** @throws {RollcallError} `invalid_argument` where it is there and no function */
export function checkFunction(value: unknown, name: string): void {
  if (value != null && typeof value !== "function") {
    throw new RollcallError("invalid_argument", `\`${name}\` must be a function`);
  }
}
