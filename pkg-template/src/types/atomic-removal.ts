/**
 * The one transaction of a removal, where the stores share one.
 *
 * @module
 */

import type { GrantCounts, GrantFilter } from "./grant-store.js";
import type { MaybePromise } from "./host.js";
import type { LogoutNotification } from "./logout.js";

/**
 * One transaction: removes the sessions that are still there, removes the grants that match any of the filters, and records
 * each notification of which this call removed at least one session (or that names no session). All of it or nothing.
 */
export type AtomicRemoval = (plan: AtomicRemovalPlan) => MaybePromise<AtomicRemovalResult>;

/** What one transaction is to do. */
export interface AtomicRemovalPlan {
  sessionKeys: string[];
  grants: GrantFilter[];
  notifications: { sessionKeys: string[]; entry: LogoutNotification }[];
}

/** What the transaction did: the keys that it removed, and the grants. A notification's id is in `recorded` if it was added. */
export interface AtomicRemovalResult extends GrantCounts {
  removed: string[];
  recorded: string[];
}
