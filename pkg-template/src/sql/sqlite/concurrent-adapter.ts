/**
 * A Kysely adapter for a SQLite client that accepts several statements at once.
 *
 * @module
 */

import { SqliteAdapter } from "kysely";

/** For engines across a network, and engines that never make a statement wait. */
export class ConcurrentSqliteAdapter extends SqliteAdapter {
  /** Kysely 0.29 checks this. Without it, Kysely would run one statement at a time. */
  get supportsMultipleConnections(): boolean {
    return true;
  }
}
