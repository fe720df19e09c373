/**
 * JSON in rows, which may be damaged.
 *
 * @module
 */

import type { StoredSession } from "../types.js";

/** The value, or `undefined` if it is no JSON. */
export function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * The attributes of a session. If they are damaged, they come as the string that they are: it fails
 * no page, and the core takes it for attributes that can't be read.
 */
export function fromAttributesJson(json: string): NonNullable<StoredSession["attributes"]> {
  return (fromJson(json) ?? json) as NonNullable<StoredSession["attributes"]>;
}
