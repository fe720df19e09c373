// All that the stores of a host must do, by store. Only `open` knows which store it is: it returns fresh and empty ones.
import { atomicCases } from "./atomic.mjs";
import { filterCases } from "./filters.mjs";
import { grantCases } from "./grants.mjs";
import { outboxCases } from "./outbox.mjs";
import { randomSessionCases } from "./random-sessions.mjs";
import { sessionCases } from "./sessions.mjs";

export const STORE_CASES = {
  sessions: [...sessionCases, ...filterCases, ...randomSessionCases],
  grants: grantCases,
  outbox: outboxCases,
  atomic: atomicCases,
};
