/**
 * The outbox: notifications, and the state of their delivery.
 *
 * @module
 */

import type { OutboxAdapter } from "../stores/checked-stores.js";
import { chunks } from "../stores/chunks.js";
import type { CheckedClaim, CheckedNotification, CheckedResult } from "../stores/notification.js";
import type { Delivery, LogoutNotification, OutboxFilter } from "../types.js";
import { fieldsArgument, listArgument, presentFields, ReplyReader } from "./arguments.js";
import { compareCodePoints } from "./code-points.js";
import { firstOf, type Segment } from "./merge.js";
import { toDelivery, toNotification } from "./outbox-records.js";
import {
  CLAIM,
  LIST_DUE,
  LIST_NOTIFICATIONS,
  PRUNE,
  RECORD,
  RETRY,
  SETTLE,
} from "./outbox-scripts.js";
import type { Partitions } from "./partitions.js";
import { pruneAll } from "./pruning.js";

/**
 * How many notifications one script records or leases, so that it blocks the server for a few
 * milliseconds only.
 */
const PER_SCRIPT = 500;

/** The outbox of these partitions. */
export function logoutOutbox(partitions: Partitions): OutboxAdapter {
  return {
    add: (entries) => add(partitions, entries),
    claim: (request) => claim(partitions, request),
    settle: (id, result, now) => settle(partitions, id, result, now),
    list: (filter, after, limit) => list(partitions, filter, after, limit),
    retry: async (id, now) => {
      const [isRetried] = await partitions.run(partitions.of(id), RETRY, [id, `${now}`]);
      return isRetried === "1";
    },
    prune: ({ delivered, failed }, limit) =>
      pruneAll(partitions, PRUNE, [`${delivered}`, `${failed}`], limit),
  };
}

async function add(partitions: Partitions, entries: readonly CheckedNotification[]): Promise<void> {
  const groups = partitions.grouped(
    entries.map((entry) => ({ id: entry.id, args: notificationArguments(entry) })),
    ({ id }) => id,
  );
  await Promise.all(
    Array.from(groups, async ([partition, group]) => {
      for (const some of chunks(group, PER_SCRIPT)) {
        await partitions.run(partition, RECORD, [
          `${some.length}`,
          ...some.flatMap(({ args }) => args),
        ]);
      }
    }),
  );
}

/** A new notification as script arguments: its id and its fields. */
export function notificationArguments(entry: CheckedNotification): string[] {
  const { attempt, notBefore, ...members } = entry;
  const fields = presentFields({
    ...members,
    due: notBefore ?? members.created,
    attempts: attempt,
    state: "pending",
  });
  return [entry.id, ...fieldsArgument(fields)];
}

/** The due time of a notification, and the notification. */
type Due = readonly [due: number, entry: LogoutNotification];

async function claim(
  partitions: Partitions,
  { now, limit, leasedUntil }: CheckedClaim,
): Promise<LogoutNotification[]> {
  const claimed: Due[] = [];
  // Another instance may claim some between the read and the claim, so this repeats until there are
  // enough.
  while (claimed.length < limit) {
    const shares = await sharesOf(partitions, now, Math.min(limit - claimed.length, PER_SCRIPT));
    const won = await Promise.all(
      Array.from(shares, ([partition, share]) =>
        claimIn(partitions, partition, now, share, leasedUntil),
      ),
    );
    claimed.push(...won.flat());
    if (shares.size === 0 || (partitions.count === 1 && won.flat().length < PER_SCRIPT)) {
      break;
    }
  }
  return claimed
    .sort(([due, { id }], [otherDue, other]) => due - otherDue || compareCodePoints(id, other.id))
    .map(([, entry]) => entry);
}

/**
 * How many notifications to claim in each partition, so that those that have been due the longest
 * come first.
 */
async function sharesOf(
  partitions: Partitions,
  now: number,
  limit: number,
): Promise<Map<number, number>> {
  if (partitions.count === 1) {
    return new Map([[0, limit]]);
  }
  const due = await Promise.all(
    partitions.all.map(async (partition) => {
      const reply = new ReplyReader(
        await partitions.run(partition, LIST_DUE, [`${now}`, `${limit}`]),
      );
      const found: { partition: number; id: string; due: number }[] = [];
      while (!reply.isAtEnd) {
        found.push({ partition, id: reply.text(), due: reply.number() });
      }
      return found;
    }),
  );
  const shares = new Map<number, number>();
  const inOrder = due
    .flat()
    .sort((one, other) => one.due - other.due || compareCodePoints(one.id, other.id));
  for (const { partition } of inOrder.slice(0, limit)) {
    shares.set(partition, (shares.get(partition) ?? 0) + 1);
  }
  return shares;
}

async function claimIn(
  partitions: Partitions,
  partition: number,
  now: number,
  limit: number,
  leasedUntil: number,
): Promise<Due[]> {
  const reply = new ReplyReader(
    await partitions.run(partition, CLAIM, [`${now}`, `${limit}`, `${leasedUntil}`]),
  );
  const claimed: Due[] = [];
  while (!reply.isAtEnd) {
    const record = reply.record();
    claimed.push([Number(record.get("due")), toNotification(record)]);
  }
  return claimed;
}

async function settle(
  partitions: Partitions,
  id: string,
  { state, due, status, error }: CheckedResult,
  now: number,
): Promise<void> {
  const fields = fieldsArgument(presentFields({ status, error }));
  await partitions.run(partitions.of(id), SETTLE, [id, state, `${due ?? ""}`, `${now}`, ...fields]);
}

async function list(
  partitions: Partitions,
  filter: OutboxFilter,
  after?: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<Delivery[]> {
  const { id, issuers = [], ...others } = filter;
  if (id !== undefined && after !== undefined && compareCodePoints(id, after) <= 0) return [];
  const indexes: string[] = [];
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) {
      indexes.push(`${name}:${value}`);
    }
  }
  const [start, end] =
    id === undefined ? [after === undefined ? "-" : `(${after}`, "+"] : [`[${id}`, `[${id}`];
  const conditions = [end, ...listArgument(indexes), ...listArgument(issuers)];
  const readOn = async (
    partition: number,
    cursor: string,
    wanted: number,
  ): Promise<Segment<Delivery>> => {
    const args = [cursor, `${wanted}`, ...conditions];
    const reply = new ReplyReader(await partitions.run(partition, LIST_NOTIFICATIONS, args));
    const next = reply.text();
    const rows: Delivery[] = [];
    while (!reply.isAtEnd) {
      rows.push(toDelivery(reply.record()));
    }
    return { rows, cursor: next };
  };
  return await firstOf(
    (id === undefined ? partitions.all : [partitions.of(id)]).map(
      (partition) => (cursor, wanted) => readOn(partition, cursor ?? start, wanted),
    ),
    limit,
    ({ id }, other) => compareCodePoints(id, other.id),
  );
}
