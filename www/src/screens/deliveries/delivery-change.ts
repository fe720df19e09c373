/**
 * Deliveries that change, and their order in reports.
 *
 * @module
 */

import type { Delivery, EventData } from "../../api/types";

type State = Delivery["state"];

/** The new values of a delivery. */
export type DeliveryChange = Pick<Delivery, "id" | "state"> & Partial<Delivery>;

/** The state after each event of a notification. */
const STATES: Readonly<Record<string, State>> = {
  notification_delivered: "delivered",
  notification_failed: "pending",
  notification_given_up: "failed",
};

const RANKS: Record<State, number> = { failed: 0, pending: 1, skipped: 2, delivered: 3 };

/** The change that an event reports; `undefined` if it isn't about a delivery. */
export function changeOf(event: EventData): DeliveryChange | undefined {
  const state = STATES[event.type];
  if (state === undefined || !("attempts" in event)) return undefined;
  const { id, clientId, attempts, subjectId, sessionId, status } = event;
  const { error, nextAttempt } = event as Partial<Delivery>;
  return {
    id,
    clientId,
    state,
    attempts,
    ...(subjectId !== undefined && { subjectId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ...(nextAttempt !== undefined && { nextAttempt }),
  };
}

/** A delivery after a change. Values of its last attempt don't remain. */
export function changed(delivery: Delivery, change: DeliveryChange): Delivery {
  const { status: _, error: __, nextAttempt: ___, ...kept } = delivery;
  return { ...kept, ...change };
}

/** Deliveries in the order of reports: failed ones first. */
export function failedFirst(deliveries: readonly Delivery[]): readonly Delivery[] {
  return deliveries.toSorted((a, b) => RANKS[a.state] - RANKS[b.state]);
}
