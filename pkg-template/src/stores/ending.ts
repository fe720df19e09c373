/**
 * A checked step that ends sessions.
 *
 * @module
 */

import { checkedGrantFilter } from "./grant-filter.js";
import { checkedString, MemberReader } from "./member-reader.js";
import { KINDS, REASONS } from "./notification.js";
import { checkedListRequest } from "./session-filter.js";
import { checkedKey } from "./session-key.js";

/** A pick in the type of the port; absent members are `undefined`. */
export type CheckedPick = ReturnType<typeof checkedPick>;

/** A step in the type of the port; absent members are `undefined`. */
export type CheckedStep = ReturnType<typeof checkedStep>;

/** The grants that a step removes; an absent list of filters becomes an empty one. */
export type CheckedRevocation = NonNullable<CheckedStep["revoke"]>;

/** The notifications that a step records. */
export type CheckedNotices = NonNullable<CheckedStep["notify"]>;

const ORDERS = ["oldest", "expiry"] as const;
const BY_CLIENT = ["subject", "session"] as const;
const BY_TIME = ["created", "renewed"] as const;

/** @throws {RollcallError} `invalid_argument` for a missing or malformed member. */
export function checkedPick(pick: unknown) {
  const members = new MemberReader(pick, "the step");
  const { filter, limit, after } = checkedListRequest(pick);
  const optional = <Value>(name: string, read: (name: string) => Value) =>
    members.raw(name) == null ? undefined : read(name);
  return {
    filter,
    keys: optional("keys", (name) => members.list(name, checkedKey)),
    exceptSessionIds: optional("exceptSessionIds", (name) => members.list(name, checkedString)),
    surplus: optional("surplus", (name) => {
      const surplus = members.object(name);
      return {
        keep: surplus.count("keep"),
        by: surplus.oneOf("by", BY_TIME),
        activeAt: surplus.time("activeAt"),
      };
    }),
    order: members.oneOf("order", ORDERS),
    after,
    limit,
  };
}

/** @throws {RollcallError} like `checkedPick`. */
export function checkedStep(step: unknown) {
  const members = new MemberReader(step, "the step");
  return {
    ...checkedPick(step),
    revoke: members.raw("revoke") == null ? undefined : revocation(members.object("revoke")),
    notify: members.raw("notify") == null ? undefined : notices(members.object("notify")),
    details: members.optional("details", "boolean") ?? false,
  };
}

function revocation(members: MemberReader) {
  const isAbsent = (name: string) => members.raw(name) == null;
  return {
    matching: isAbsent("matching") ? [] : members.list("matching", checkedGrantFilter),
    ofSessions: isAbsent("ofSessions") ? undefined : sessionGrants(members.object("ofSessions")),
  };
}

function sessionGrants(members: MemberReader) {
  const optionalList = (name: string) =>
    members.raw(name) == null ? undefined : members.list(name, checkedString);
  return {
    types: members.list("types", checkedString),
    clientIds: optionalList("clientIds"),
    exceptClientIds: optionalList("exceptClientIds"),
    ofParticipants: members.optional("ofParticipants", "boolean") ?? false,
  };
}

function notices(members: MemberReader) {
  return {
    clients: members.list("clients", (client, what) => {
      const members = new MemberReader(client, what);
      return {
        clientId: members.string("clientId"),
        by: members.oneOf("by", BY_CLIENT),
        ways: members.list("ways", (way, what) => {
          const members = new MemberReader(way, what);
          return {
            kind: members.oneOf("kind", KINDS),
            logoutUri: members.optional("logoutUri", "stored"),
          };
        }),
      };
    }),
    others: members.boolean("others"),
    reason: members.oneOf("reason", REASONS),
    created: members.time("created"),
    notBefore: members.optional("notBefore", "time"),
    returned: members.count("returned"),
  };
}
