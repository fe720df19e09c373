/**
 * The session store.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { SessionAdapter } from "../stores/checked-stores.js";
import { chunks } from "../stores/chunks.js";
import type { CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import type { CheckedListRequest } from "../stores/session-filter.js";
import { duplicateKey } from "../stores/session-key.js";
import type {
  RemovedSession,
  SessionCondition,
  StoredSession,
  StoreFilter,
  StorePage,
} from "../types.js";
import { fieldsArgument, listArgument, ReplyReader } from "./arguments.js";
import { firstOf, type Segment } from "./merge.js";
import type { Partitions } from "./partitions.js";
import { firstPlace, rowId } from "./position.js";
import { pruneAll } from "./pruning.js";
import type { Script } from "./script.js";
import { conditionArguments, conditionsOf } from "./session-filter.js";
import { COUNT, LIST } from "./session-read-scripts.js";
import {
  changedFields,
  changedKey,
  clientArguments,
  conditionArgument,
  newSessionArguments,
  toRemovedSession,
  toSession,
} from "./session-records.js";
import { ADD_CLIENT, CREATE, FORGET_DEVICES, GET, REMOVE, UPDATE } from "./session-scripts.js";
import { walkArguments, walkFrom } from "./walk.js";

/**
 * How many sessions one script removes, so that it blocks the server for a few milliseconds only.
 */
const SESSIONS_PER_SCRIPT = 500;

/** The session store of these partitions. */
export function sessionStore(partitions: Partitions): SessionAdapter {
  const tellsOf = async (key: string, script: Script, args: readonly string[]) =>
    (await partitions.run(partitions.of(key), script, [key, ...args]))[0] === "1";
  return {
    create: (session) => create(partitions, session),
    get: (key) => get(partitions, key),
    update: (key, change, condition) => update(partitions, key, change, condition),
    sharePartition: async (key, other) => partitions.of(key) === partitions.of(other),
    addClient: async (key, client, now) =>
      await tellsOf(key, ADD_CLIENT, [`${now}`, ...clientArguments([client])]),
    list: (request) => list(partitions, request),
    count: (filter, upTo) => count(partitions, filter, upTo),
    remove: (keys, condition) => remove(partitions, keys, condition),
    forgetDevices: (createdBefore, limit) =>
      pruneAll(partitions, FORGET_DEVICES, [firstPlace(createdBefore)], limit),
  };
}

async function create(partitions: Partitions, session: CheckedSession): Promise<void> {
  const partition = partitions.of(session.key);
  const args = newSessionArguments(session, partition);
  const [isCreated] = await partitions.run(partition, CREATE, args);
  if (isCreated !== "1") {
    throw duplicateKey();
  }
}

async function update(
  partitions: Partitions,
  key: string,
  change: CheckedChange,
  condition: SessionCondition,
): Promise<boolean> {
  const partition = partitions.of(key);
  const { set, cleared } = changedFields(change);
  const newKey = changedKey(change) ?? key;
  if (partitions.of(newKey) !== partition) {
    throw invalidArgument(
      "the change: `key` must belong to the partition of the session: check with `sharePartition`",
    );
  }
  const args = [
    key,
    newKey,
    ...fieldsArgument(set),
    ...listArgument(cleared),
    ...conditionArgument(condition),
  ];
  const [outcome] = await partitions.run(partition, UPDATE, args);
  if (outcome === "taken") throw duplicateKey();
  return outcome === "1";
}

async function get(partitions: Partitions, key: string): Promise<StoredSession | undefined> {
  const reply = new ReplyReader(await partitions.run(partitions.of(key), GET, [key]));
  const record = reply.record();
  return record.size === 0 ? undefined : toSession(record);
}

/** A session and its place in the order of the list. */
type Row = readonly [place: string, session: StoredSession];

async function list(
  partitions: Partitions,
  { filter, after, before, order, limit, fromEnd }: CheckedListRequest,
): Promise<StorePage> {
  // The direction of the walk, not of the page: a page at the end is read from there and reversed.
  const isTurned = fromEnd || before !== undefined;
  const backwards = (order === "newest") !== isTurned;
  const walk = walkFrom(conditionsOf(filter), order, backwards, before ?? after);
  const readOn = async (
    partition: number,
    cursor: string | undefined,
    wanted: number,
  ): Promise<Segment<Row>> => {
    const args = walkArguments(walk, cursor, wanted);
    return readRows(new ReplyReader(await partitions.run(partition, LIST, args)));
  };
  const rows = await firstOf(
    partitions.all.map((partition) => (cursor, wanted) => readOn(partition, cursor, wanted)),
    limit,
    ([place], [other]) => (place < other === backwards ? 1 : -1),
  );
  if (isTurned) {
    rows.reverse();
  }
  return {
    sessions: rows.map(([, session]) => session),
    positions: rows.map(([place]) => place),
    ids: rows.map(([place, { created }]) => rowId(place, created)),
  };
}

function readRows(reply: ReplyReader): Segment<Row> {
  const cursor = reply.text();
  const rows: Row[] = [];
  while (!reply.isAtEnd) {
    rows.push([reply.text(), toSession(reply.record())]);
  }
  return { rows, cursor };
}

async function count(
  partitions: Partitions,
  filter: StoreFilter,
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  const conditions = conditionArguments(conditionsOf(filter));
  const counts = await Promise.all(
    partitions.all.map((partition) => countIn(partitions, partition, conditions, upTo)),
  );
  return Math.min(
    counts.reduce((sum, count) => sum + count, 0),
    upTo,
  );
}

async function countIn(
  partitions: Partitions,
  partition: number,
  conditions: readonly string[],
  upTo: number,
): Promise<number> {
  let count = 0;
  let [cursor, source] = ["", ""];
  do {
    const args = [cursor, source, `${upTo - count}`, ...conditions];
    const reply = new ReplyReader(await partitions.run(partition, COUNT, args));
    count += reply.number();
    cursor = reply.text();
    source = reply.text();
  } while (cursor !== "" && count < upTo);
  return count;
}

async function remove(
  partitions: Partitions,
  keys: readonly string[],
  condition: SessionCondition,
): Promise<RemovedSession[]> {
  const groups = partitions.grouped([...new Set(keys)], (key) => key);
  const removeFrom = async (partition: number, keys: readonly string[]) => {
    const removed: RemovedSession[] = [];
    for (const chunk of chunks(keys, SESSIONS_PER_SCRIPT)) {
      const args = [...listArgument(chunk), ...conditionArgument(condition)];
      const reply = new ReplyReader(await partitions.run(partition, REMOVE, args));
      while (!reply.isAtEnd) {
        removed.push(toRemovedSession(reply.record()));
      }
    }
    return removed;
  };
  const removed = await Promise.all(
    Array.from(groups, ([partition, keys]) => removeFrom(partition, keys)),
  );
  return removed.flat();
}
