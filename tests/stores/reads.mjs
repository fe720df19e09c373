// What is read of 100,000 sessions in the tests of query plans, and the index that should be walked for it.

/** What the stores sort at most (`sql/session-list.ts`), and the planner's error in that. */
export const FEW = 4_000 * 2;

/** Longer than what stands in a statement by itself. */
export const LONG_LIST = Array.from({ length: 30 }, (_, n) => `key ${n}`);

/** Places far inside the list. */
export const ORDERS = [
  { order: "newest", places: ["8x0.1", "7ps.1"] },
  { order: "oldest", places: ["8x0.1", "7ps.1"] },
];

/** Filters whose index is in the order of creation. */
export const IN_ORDER = [
  [{ subjectId: { equals: "subject 1" } }, "rollcall_sessions_subject"],
  [{ subjectId: { equals: "subject 1" }, activeAt: 5 }, "rollcall_sessions_subject"],
  [{ subjectId: { equals: "subject 1" }, displayName: { contains: "a" }, renewed: { after: 5 } }, "rollcall_sessions_subject"],
  [{ sessionId: { equals: "sid 1" } }, "rollcall_sessions_session"],
  [{ displayName: { equals: "name 1" } }, "rollcall_sessions_name"],
  [{ ipAddress: "192.0.2.1" }, "rollcall_sessions_address"],
  [{ issuer: "https://id1.example.com" }, "rollcall_sessions_"],
  [{ clientId: "client 1" }, "rollcall_session_clients_listing"],
  [{ clientId: "client 1", activeAt: 5 }, "rollcall_session_clients_listing"],
  [{}, "rollcall_sessions_listing"],
  [{ created: { after: 5_000, before: 9_000 } }, "rollcall_sessions_listing"],
  [{ activeAt: 5 }, "rollcall_sessions_listing"],
  [{ renewed: { after: 5 } }, "rollcall_sessions_listing"],
];

/** Filters that are a range of an index in another order than the list's, with few matches and with many. */
export const RANGES = [
  [{ subjectId: { startsWith: "subject 49" } }, "rollcall_sessions_subject"],
  [{ sessionId: { startsWith: "sid 999" } }, "rollcall_sessions_session"],
  [{ displayName: { startsWith: "name 99" } }, "rollcall_sessions_name"],
  [{ expiredAt: 3_500 }, "rollcall_sessions_expiry"],
  [{ expires: { after: 5_000, before: 5_500 } }, "rollcall_sessions_expiry"],
  [{ sessionId: { startsWith: "sid" } }, "rollcall_sessions_listing"],
  [{ expiredAt: 900_000 }, "rollcall_sessions_listing"],
];
