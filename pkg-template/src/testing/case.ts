/**
 * What a case of the kit is, and what it gets to work with.
 *
 * @module
 */

import type {
  AtomicEnding,
  GrantStore,
  LogoutOutbox,
  SessionStore,
  StoreFilter,
  StoreFilterName,
  StoreListRequest,
  StoreText,
} from "../types.js";

/**
 * All stores, with every member: for what the user's stores lack there is a slow way, or no case
 * asks for it.
 */
export interface Stores {
  sessions: Required<Omit<SessionStore, "capabilities">>;
  grants: Required<GrantStore>;
  outbox: Required<LogoutOutbox>;
  atomic: AtomicEnding;
}

/**
 * What a case gets: `open` returns fresh and empty stores, `serves` tells whether they serve a
 * filter.
 */
export interface CaseContext {
  open(): Promise<Stores>;
  serves(filter: StoreFilter): boolean;
}

/**
 * An optional part of the stores: a function that they may lack, or a store that `atomic` covers.
 */
export type OptionalPart =
  | "sessions.count"
  | "sessions.forgetDevices"
  | "grants.removeExpired"
  | "outbox.prune"
  | "atomic.covers.grants"
  | "atomic.covers.outbox";

/** One promise of a port. */
export interface PortCase {
  readonly name: string;
  /** The optional parts that it uses. It is left out if the stores lack one of them. */
  readonly needs?: readonly OptionalPart[];
  /**
   * It is about these filters: it asks for those that the store serves, and is left out where that
   * is none.
   */
  readonly filters?: readonly StoreFilter[];
  run(context: CaseContext): Promise<void>;
}

export type Order = StoreListRequest["order"];

/** Every order of a list. */
export const ORDERS: readonly Order[] = ["newest", "oldest", "expiry"];

/** Every filter by its name. */
export const FILTER_NAMES: ReadonlySet<string> = new Set<StoreFilterName>([
  "subjectId",
  "subjectId.startsWith",
  "subjectId.contains",
  "sessionId",
  "sessionId.startsWith",
  "sessionId.contains",
  "displayName",
  "displayName.startsWith",
  "displayName.contains",
  "search",
  "clientId",
  "issuer",
  "issuers",
  "ipAddress",
  "created",
  "renewed",
  "expires",
  "state",
]);

/** The names of the filters in use, as a store declares them in its capabilities. */
export function filterNames(filter: StoreFilter): StoreFilterName[] {
  const names: StoreFilterName[] = [];
  for (const member of ["subjectId", "sessionId", "displayName"] as const) {
    const wanted = filter[member];
    if (wanted !== undefined) names.push(`${member}${formOf(wanted)}`);
  }
  for (const member of [
    "search",
    "clientId",
    "issuer",
    "issuers",
    "ipAddress",
    "created",
    "renewed",
    "expires",
  ] as const) {
    if (filter[member] !== undefined) names.push(member);
  }
  if (filter.activeAt !== undefined || filter.expiredAt !== undefined) names.push("state");
  return names;
}

function formOf(wanted: StoreText): "" | ".startsWith" | ".contains" {
  if ("equals" in wanted) return "";
  return "startsWith" in wanted ? ".startsWith" : ".contains";
}
