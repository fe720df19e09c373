/**
 * The contents of the memory stores, as plain data.
 *
 * @module
 */

import type { PersistedGrant } from "./grant-store.js";
import type { DeliveryState, LogoutNotification } from "./logout.js";
import type { Position, StoredSession } from "./session-store.js";

/**
 * Everything that the stores of `memoryStores()` hold, as plain data that survives JSON and
 * structured cloning. It contains names, addresses, the keys of sessions and sealed tickets.
 */
export interface MemoryContents {
  /** The format of this object. Later versions of Rollcall may write another. */
  version: 1;
  sessions: MemoryTable<{ session: StoredSession }> & {
    /** The position that `forgetDevices` has reached. */
    devicesForgotten?: Position;
  };
  grants: MemoryTable<{ grant: MemoryGrant }>;
  outbox: MemoryTable<MemoryNotification>;
}

/** The rows of one kind. */
export interface MemoryTable<Row> {
  /** The number of the next row. */
  next: number;
  /** Each row has a number that is unique in its table and never reused. */
  rows: ({ number: number } & Row)[];
}

/** A grant whose times are epoch milliseconds. */
export type MemoryGrant = Omit<PersistedGrant, "created" | "expires" | "consumed"> & {
  created: number;
  expires?: number;
  consumed?: number;
};

/** A notification and its delivery state. */
export interface MemoryNotification {
  notification: LogoutNotification;
  state: Exclude<DeliveryState, "skipped">;
  /**
   * Epoch milliseconds: when the next attempt is due (for a leased notification, the end of its
   * lease), or when it was settled.
   */
  at: number;
  /** The HTTP status of the last attempt, if there was one. */
  status?: number;
  /** The reason why the last attempt failed. */
  error?: string;
}
