/**
 * The removal of sessions with their grants, and the record of whom to tell, in one transaction.
 *
 * @module
 */

import { noGrants } from "../stores/grant-filter.js";
import type { CheckedNotification } from "../stores/notification.js";
import type { CheckedPlan } from "../stores/plan.js";
import type { AtomicRemovalResult } from "../types.js";
import { grantRemovalSteps } from "./grants.js";
import { conditionalRecordingSteps, type Requirement, recordingSteps } from "./outbox.js";
import { removalSteps } from "./sessions.js";
import type { Step, WorkUnits } from "./unit-of-work.js";

/** Runs the plan, all of it or nothing. */
export async function removeAtomically(
  work: WorkUnits,
  plan: CheckedPlan,
): Promise<AtomicRemovalResult> {
  const removed: string[] = [];
  const recorded: string[] = [];
  const counts = noGrants();
  const { lock, remove } = removalSteps(work, plan.sessionKeys, (key) => removed.push(key));
  await work.all([
    ...lock,
    // Before the sessions go: those that are still there are the ones that this transaction
    // removes.
    ...notificationSteps(work, plan, (id) => recorded.push(id)),
    ...remove,
    ...plan.grants.flatMap((filter) => grantRemovalSteps(work, filter, counts)),
  ]);
  return { removed, recorded, ...counts };
}

function notificationSteps(
  work: WorkUnits,
  plan: CheckedPlan,
  onRecorded: (id: string) => void,
): Step[] {
  const planned = new Set(plan.sessionKeys);
  const unconditional: CheckedNotification[] = [];
  const requirements: Requirement[] = [];
  for (const { sessionKeys, entry } of plan.notifications) {
    if (sessionKeys.length === 0) {
      unconditional.push(entry);
    }
    for (const key of new Set(sessionKeys)) {
      // Another session may be there, but this transaction does not remove it.
      if (planned.has(key)) requirements.push([entry, key]);
    }
  }
  return [
    ...recordingSteps(work, unconditional, onRecorded),
    ...conditionalRecordingSteps(work, requirements, onRecorded),
  ];
}
