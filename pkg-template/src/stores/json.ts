/**
 * JSON in rows, which may be damaged.
 *
 * @module
 */

import type { StoredSession } from "../types.js";

/** The value, or `undefined` if it is not JSON. */
export function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * The attributes of a session. Damaged ones are returned as the raw string: that doesn't fail the
 * page, and the core reports them as unreadable.
 */
export function fromAttributesJson(json: string): NonNullable<StoredSession["attributes"]> {
  return (fromJson(json) ?? json) as NonNullable<StoredSession["attributes"]>;
}
