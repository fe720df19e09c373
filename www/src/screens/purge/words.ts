/**
 * Words of the server as the console shows them.
 *
 * @module
 */

import { serverNotes } from "../../texts";

/** A note of a report in an administrator's words, or as it is. */
export function noteText(note: string): string {
  return serverNotes[note] ?? `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;
}
