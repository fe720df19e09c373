/**
 * The times of the last attempts. The API lists deliveries without them, so they are known for
 * attempts whose events arrived in this tab.
 *
 * @module
 */

import { eventLog } from "../../state/event-log.svelte";
import { changeOf } from "./delivery-change";

/** The time of the last attempt of each notification in the event log, by its id. */
export function attemptTimes(): ReadonlyMap<string, string> {
  const times = new Map<string, string>();
  for (const { event } of eventLog.events()) {
    const change = changeOf(event);
    if (change !== undefined && !times.has(change.id)) times.set(change.id, event.at);
  }
  return times;
}
