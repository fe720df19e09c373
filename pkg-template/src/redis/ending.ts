/**
 * Ends sessions as a set, with their grants and notifications, in one script. All of them must be
 * in one partition.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { EndingAdapter } from "../stores/checked-stores.js";
import type {
  CheckedNotices,
  CheckedPick,
  CheckedRevocation,
  CheckedStep,
} from "../stores/ending.js";
import { zeroCounts } from "../stores/grant-filter.js";
import type { CheckedSession } from "../stores/session.js";
import { duplicateKey } from "../stores/session-key.js";
import type { EndedSessions, LogoutNotification } from "../types.js";
import { listArgument, optionalArgument, ReplyReader } from "./arguments.js";
import { CLIENTS_OF, END } from "./ending-scripts.js";
import { grantConditions, readCount } from "./grants.js";
import { toNotification } from "./outbox-records.js";
import type { Partitions } from "./partitions.js";
import type { Script } from "./script.js";
import { conditionsOf } from "./session-filter.js";
import { newSessionArguments } from "./session-records.js";
import { ADMIT } from "./session-scripts.js";
import { walkArguments, walkFrom } from "./walk.js";

/** How many sessions one script ends, so that it blocks the server for a few milliseconds only. */
const SESSIONS_PER_SCRIPT = 200;

/** The only partition. */
const PARTITION = 0;

/** The atomic ending of the only partition. */
export function atomicEnding(partitions: Partitions): EndingAdapter {
  return {
    clientsOf: async (pick) => (await run(partitions, CLIENTS_OF, pick, [])).rest(),
    endSessions: (step) => endSessions(partitions, step),
    admit: (session, limit, now, issuer) => admit(partitions, session, limit, now, issuer),
  };
}

async function admit(
  partitions: Partitions,
  session: CheckedSession,
  limit: number,
  now: number,
  issuer: string | undefined,
): Promise<boolean> {
  const args = [
    ...newSessionArguments(session, PARTITION),
    ...[`${limit}`, `${now}`],
    ...listArgument(issuer === undefined ? [] : [issuer]),
  ];
  const [outcome] = await partitions.run(PARTITION, ADMIT, args);
  if (outcome === "taken") throw duplicateKey();
  return outcome === "1";
}

async function endSessions(partitions: Partitions, step: CheckedStep): Promise<EndedSessions> {
  const { details, revoke, notify } = step;
  const args = [flag(details), ...revocationArguments(revoke), ...noticesArguments(notify)];
  const reply = await run(partitions, END, step, args);
  const ended = reply.number();
  const last = reply.text();
  const more = reply.text() === "1";
  const recorded = reply.number();
  const notifications: LogoutNotification[] = [];
  for (let left = reply.number(); left > 0; left -= 1) {
    notifications.push(withNotBefore(toNotification(reply.record()), notify));
  }
  const sessions: NonNullable<EndedSessions["sessions"]> = [];
  for (let left = reply.number(); left > 0; left -= 3) {
    const ids = { subjectId: reply.text(), sessionId: reply.text() };
    const issuer = reply.text();
    sessions.push(issuer === "" ? ids : { ...ids, issuer: issuer.slice(1) });
  }
  const counts = zeroCounts();
  while (!reply.isAtEnd) {
    readCount(reply, counts);
  }
  return {
    ended,
    ...(details && { sessions }),
    recorded,
    notifications,
    more,
    ...(ended > 0 && { last }),
    ...counts,
  };
}

/**
 * Runs a script on the first sessions of a pick. A script checks a limited number of sessions. If
 * none of them matches, it has changed nothing, and the next script continues after them.
 */
async function run(
  partitions: Partitions,
  script: Script,
  pick: CheckedPick,
  args: readonly string[],
): Promise<ReplyReader> {
  const { filter, keys, exceptSessionIds = [], surplus, order, after } = pick;
  const walk = walkFrom(conditionsOf(activeFilter(filter, surplus)), order, false, after);
  const pickArguments = [
    flag(keys !== undefined),
    ...listArgument(keys ?? []),
    ...listArgument(exceptSessionIds),
    surplus?.by ?? "",
    `${surplus?.keep ?? ""}`,
  ];
  const limit = Math.min(pick.limit, SESSIONS_PER_SCRIPT);
  let cursor: string | undefined;
  for (;;) {
    const reply = new ReplyReader(
      await partitions.run(PARTITION, script, [
        ...walkArguments(walk, cursor, limit),
        ...pickArguments,
        ...args,
      ]),
    );
    cursor = reply.text();
    if (cursor === "") return reply;
  }
}

/** A surplus only consists of active sessions. */
function activeFilter(
  filter: CheckedPick["filter"],
  surplus: CheckedPick["surplus"],
): CheckedPick["filter"] {
  if (surplus === undefined) return filter;
  const activeAt = Math.max(filter.activeAt ?? surplus.activeAt, surplus.activeAt);
  return bare({ ...filter, activeAt });
}

function revocationArguments(revoke: CheckedRevocation | undefined): string[] {
  const matching = (revoke?.matching ?? []).map((filter) => {
    const { indexes, args } = grantConditions(filter);
    return [...listArgument(indexes), ...args];
  });
  return [`${matching.length}`, ...matching.flat(), ...sessionGrantsArguments(revoke?.ofSessions)];
}

function sessionGrantsArguments(ofSessions: CheckedRevocation["ofSessions"]): string[] {
  // An empty list matches no client. The script would treat it as every client.
  if (ofSessions === undefined || ofSessions.clientIds?.length === 0) return [flag(false)];
  const { types, clientIds = [], exceptClientIds = [], ofParticipants } = ofSessions;
  return [
    flag(true),
    ...listArgument(types),
    ...listArgument(clientIds),
    ...listArgument(exceptClientIds),
    flag(ofParticipants),
  ];
}

function noticesArguments(notify: CheckedNotices | undefined): string[] {
  if (notify === undefined) return [flag(false)];
  const { clients, others, reason, created, notBefore, returned } = notify;
  return [
    flag(true),
    reason,
    `${created}`,
    `${notBefore ?? created}`,
    `${returned}`,
    flag(others),
    `${clients.length}`,
    ...clients.flatMap(({ clientId, by, ways }) => [
      clientId,
      by,
      `${ways.length}`,
      ...ways.flatMap(({ kind, logoutUri }) => [kind, optionalArgument(logoutUri)]),
    ]),
  ];
}

function withNotBefore(
  notification: LogoutNotification,
  notify: CheckedNotices | undefined,
): LogoutNotification {
  const notBefore = notify?.notBefore;
  return notBefore === undefined ? notification : { ...notification, notBefore };
}

function flag(isSet: boolean): string {
  return isSet ? "1" : "0";
}
