/**
 * The collation that compares only code points: case-sensitive, accent-sensitive and without
 * padding.
 *
 * @module
 */

/** On MySQL 8.0.17 or later. */
export const MYSQL_COLLATION = "utf8mb4_0900_bin";

/** On MariaDB 10.6 or later. */
export const MARIADB_COLLATION = "utf8mb4_nopad_bin";

export type Collation = typeof MYSQL_COLLATION | typeof MARIADB_COLLATION;
