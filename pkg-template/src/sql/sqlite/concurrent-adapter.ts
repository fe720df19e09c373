/**
 * What Kysely knows of a SQLite that takes several statements at once.
 *
 * @module
 */

import { SqliteAdapter } from "kysely";

/** For engines across a network, and those that let nobody wait. */
export class ConcurrentSqliteAdapter extends SqliteAdapter {
  /** Kysely 0.29 asks; without it, it would let one statement at a time through. */
  get supportsMultipleConnections(): boolean {
    return true;
  }
}
