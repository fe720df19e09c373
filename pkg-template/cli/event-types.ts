/**
 * The types of events, which `rollcall events --type` takes.
 *
 * @module
 */

import type { SessionEventType } from "../src/types.js";

/** All of them: one that is missing here doesn't compile. */
const TYPES: Readonly<Record<SessionEventType, true>> = {
  session_created: true,
  session_renewed: true,
  session_removed: true,
  session_expired: true,
  session_removal_failed: true,
  session_unreadable: true,
  session_denied: true,
  notification_delivered: true,
  notification_failed: true,
  notification_given_up: true,
  client_unreadable: true,
  ticket_unreadable: true,
  pruning_failed: true,
  admin_denied: true,
};

export const EVENT_TYPES: readonly string[] = Object.keys(TYPES);
