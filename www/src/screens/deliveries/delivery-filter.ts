/**
 * The filter of the list of deliveries in an address.
 *
 * @module
 */

import type { DeliveryFilter } from "../../api/client";
import type { Delivery } from "../../api/types";
import { hashOf } from "../../state/address.svelte";
import { deliveries as texts } from "../../texts";

/** The fields that a list can be filtered by, besides the state. */
export const FIELDS = ["clientId", "subjectId", "sessionId"] as const;
export type FieldName = (typeof FIELDS)[number];

/** The states of stored notifications: skipped clients get none. */
export const STATES = ["failed", "pending", "delivered"] as const;
export type StoredState = (typeof STATES)[number];

/** The filter without the place in the list. */
export type Filter = Omit<DeliveryFilter, "after" | "limit">;

/** The filter and the place in the list that an address names. */
export interface ParsedFilter {
  filter: Filter;
  after: string | undefined;
  /** A sentence for each value that was left out. */
  corrections: string[];
}

/** The maximum length of ids in stores. */
const MOST = 255;

/** Reads the query of an address. */
export function parseFilter(query: URLSearchParams): ParsedFilter {
  const corrections: string[] = [];
  const found = new Map<string, string>();
  for (const [name, value] of query) {
    if (value.trim() === "" || found.has(name)) continue;
    const problem = problemOf(name, value);
    if (problem === undefined) found.set(name, value);
    else corrections.push(problem);
  }
  const state = STATES.find((known) => known === found.get("state"));
  const filter: Filter = { ...(state !== undefined && { state }) };
  for (const name of FIELDS) {
    const value = found.get(name);
    if (value !== undefined) filter[name] = value;
  }
  return { filter, after: found.get("after"), corrections };
}

/** The address of the list with this filter. */
export function listHash(filter: Filter, after?: string): string {
  return hashOf(["deliveries"], { ...filter, after });
}

/** Whether a notification with these members matches. */
export function matches(filter: Filter, delivery: Partial<Delivery>): boolean {
  return (["state", ...FIELDS] as const).every(
    (name) => filter[name] === undefined || filter[name] === delivery[name],
  );
}

function problemOf(name: string, value: string): string | undefined {
  if (name === "state") {
    return STATES.some((known) => known === value) ? undefined : texts.badState(value);
  }
  if (name !== "after" && !FIELDS.some((known) => known === name)) return texts.unknownFilter(name);
  return value.includes("\0") || [...value].length > MOST ? texts.badValue(name) : undefined;
}
