/**
 * The address of another session over the same list.
 *
 * @module
 */

import type { Session } from "../../api/types";
import { address, hashOf } from "../../state/address.svelte";

/**
 * The address of a session. The first `subjectId` of an address with a session is that of the
 * session; the other parameters belong to the list below the drawer.
 */
export function sessionHash({ sessionId, subjectId }: Session): string {
  const entries = [...address.current.query];
  const index = entries.findIndex(([name]) => name === "subjectId");
  const rest = entries.filter((_, place) => place !== index);
  return hashOf(["sessions", sessionId], new URLSearchParams([["subjectId", subjectId], ...rest]));
}
