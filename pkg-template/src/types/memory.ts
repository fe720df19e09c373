/**
 * The contents of the memory stores, outside of them.
 *
 * @module
 */

import type { PersistedGrant } from "./grant-store.js";
import type { DeliveryState, LogoutNotification } from "./logout.js";
import type { Position, StoredSession } from "./session-store.js";

/**
 * All that the stores of `memoryStores()` hold, as plain data that survives JSON and structured
 * cloning. It has what the stores have: names, addresses, the keys of sessions and sealed tickets.
 */
export interface MemoryContents {
  /** The form of this object. A later version of Rollcall may write another. */
  version: 1;
  sessions: MemoryTable<{ session: StoredSession }> & {
    /** How far `forgetDevices` came. */
    devicesForgotten?: Position;
  };
  grants: MemoryTable<{ grant: MemoryGrant }>;
  outbox: MemoryTable<MemoryNotification>;
}

/** The rows of one kind. */
export interface MemoryTable<Row> {
  /** The number of the next row. */
  next: number;
  /** Each row has a number that no other row of its table ever has. */
  rows: ({ number: number } & Row)[];
}

/** A grant whose times are epoch milliseconds. */
export type MemoryGrant = Omit<PersistedGrant, "created" | "expires" | "consumed"> & {
  created: number;
  expires?: number;
  consumed?: number;
};

/** A notification and what became of it. */
export interface MemoryNotification {
  notification: LogoutNotification;
  state: Exclude<DeliveryState, "skipped">;
  /**
   * Epoch milliseconds: when the next attempt is due (for a leased one, the end of its lease), or
   * when it was settled.
   */
  at: number;
  /** The HTTP status of the last attempt, if that had one. */
  status?: number;
  /** The reason why the last attempt failed. */
  error?: string;
}
