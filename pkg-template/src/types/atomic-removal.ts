/**
 * The one transaction of a removal, where the stores share one.
 *
 * @module
 */

import type { GrantCounts, GrantFilter } from "./grant-store.js";
import type { LogoutNotification } from "./logout.js";
import type { MaybePromise } from "./maybe-promise.js";

/**
 * One transaction: removes the sessions that are still there, removes the grants that match any of
 * the filters, and records each notification of which this call removed at least one session (or
 * that names no session) and whose id is not there yet.
 *
 * All of it or nothing: where a part fails, or is of the wrong form, it throws, and everything is
 * as before. A grant filter that `GrantStore.remove` would refuse is such a part. The plan has
 * grants and notifications only where the host has such stores.
 */
export type AtomicRemoval = (plan: AtomicRemovalPlan) => MaybePromise<AtomicRemovalResult>;

/** What one transaction is to do. */
export interface AtomicRemovalPlan {
  sessionKeys: string[];
  grants: GrantFilter[];
  notifications: { sessionKeys: string[]; entry: LogoutNotification }[];
}

/**
 * What the transaction did: the keys that it removed, and the grants, each counted once whichever
 * filters match it. A notification's id is in `recorded` if it was added.
 */
export interface AtomicRemovalResult extends GrantCounts {
  removed: string[];
  recorded: string[];
}
