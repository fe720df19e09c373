/**
 * The address of a session over the list: `#/sessions/{sessionId}?subjectId=…` and the query of the
 * list. The first `subjectId` is that of the session; another one is a filter of the list.
 *
 * @module
 */

import { type Address, address, hashOf } from "../../state/address.svelte";

/** The address of a session, over the list with these parameters or over the current one. */
export function sessionHash(
  { sessionId, subjectId }: { sessionId: string; subjectId: string },
  list = listParameters(address.current),
): string {
  const query = new URLSearchParams([["subjectId", subjectId], ...list]);
  return hashOf(["sessions", sessionId], query);
}

/** The parameters of the list in an address. */
export function listParameters({ path, query }: Address): URLSearchParams {
  if (path.length === 0) return query;
  const entries = [...query];
  const index = entries.findIndex(([name]) => name === "subjectId");
  return new URLSearchParams(entries.filter((_, place) => place !== index));
}

/** Closes the session, and shows the list that it was opened over. */
export function closeDrawer(current: Address): void {
  const hash = hashOf(["sessions"], listParameters(current));
  address.close(hash, ({ screen, path }) => screen === "sessions" && path.length > 0);
}
