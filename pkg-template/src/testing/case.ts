/**
 * The type of a test case, and the stores that it receives.
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
 * All stores, with every function: if the user's stores lack one, there is a slow replacement, or
 * no case that needs it runs.
 */
export interface Stores {
  sessions: Required<Omit<SessionStore, "capabilities">>;
  grants: Required<GrantStore>;
  outbox: Required<LogoutOutbox>;
  atomic: AtomicEnding;
}

/**
 * The argument of a case: `open` returns fresh and empty stores, `serves` returns whether they
 * support a filter.
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

/** One requirement of a port. */
export interface PortCase {
  readonly name: string;
  /** The optional parts that it uses. The case is skipped if the stores lack one of them. */
  readonly needs?: readonly OptionalPart[];
  /**
   * The filters that it tests. It uses those that the store supports, and is skipped if there is
   * none.
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

/** The names of the filters that are used, as a store declares them in its capabilities. */
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
