/**
 * The plan of a removal in one transaction, checked.
 *
 * @module
 */

import { checkedGrantFilter } from "./grant-filter.js";
import { MemberReader } from "./member-reader.js";
import { checkedNotification } from "./notification.js";
import { checkedKey } from "./session-key.js";

/** A plan in the form of the port. */
export type CheckedPlan = ReturnType<typeof checkedPlan>;

/** @throws {RollcallError} `invalid_argument` for a part that is missing or of the wrong form. */
export function checkedPlan(plan: unknown) {
  const members = new MemberReader(plan, "the plan");
  return {
    sessionKeys: members.list("sessionKeys", checkedKey),
    grants: members.list("grants", checkedGrantFilter),
    notifications: members.list("notifications", (notification, what) => {
      const members = new MemberReader(notification, what);
      return {
        sessionKeys: members.list("sessionKeys", checkedKey),
        entry: checkedNotification(members.raw("entry"), `${what}: \`entry\``),
      };
    }),
  };
}
