/**
 * Reads the members of events, which depend on the type of the event.
 *
 * @module
 */
import type { SessionEvent } from "../types.js";

/** A string, or `undefined` if it is missing or of another type. */
export function stringMember(event: SessionEvent, name: string): string | undefined {
  const value: unknown = Reflect.get(event, name);
  return typeof value === "string" ? value : undefined;
}

/** A finite number, or `undefined` if it is missing or of another type. */
export function numberMember(event: SessionEvent, name: string): number | undefined {
  const value: unknown = Reflect.get(event, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
