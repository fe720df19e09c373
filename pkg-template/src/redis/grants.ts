/**
 * The grants: tokens, codes and consents.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import { grantKind } from "../grant-types.js";
import { bare } from "../plain-object.js";
import type { GrantAdapter } from "../stores/checked-stores.js";
import { chunks } from "../stores/chunks.js";
import type { CheckedGrant } from "../stores/grant.js";
import { zeroCounts } from "../stores/grant-filter.js";
import type { GrantCounts, GrantFilter, PersistedGrant } from "../types.js";
import { fieldsArgument, listArgument, presentFields, ReplyReader } from "./arguments.js";
import {
  COUNT_GRANTS,
  EXISTING_INDEXES,
  GET_GRANT,
  LIST_GRANTS,
  REMOVE_EXPIRED_GRANTS,
  REMOVE_GRANTS,
  STORE_GRANT,
} from "./grant-scripts.js";
import type { Partitions } from "./partitions.js";
import { pruneAll } from "./pruning.js";
import type { Script } from "./script.js";

/** The grant store of these partitions. */
export function grantStore(partitions: Partitions): GrantAdapter {
  return {
    store: (grant) => store(partitions, grant),
    get: (key) => get(partitions, key),
    list: (filter) => list(partitions, filter),
    count: (filter) => counted(partitions, COUNT_GRANTS, filter),
    remove: (filter) => counted(partitions, REMOVE_GRANTS, filter),
    removeExpired: (now, limit) => pruneAll(partitions, REMOVE_EXPIRED_GRANTS, [`${now}`], limit),
  };
}

async function store(partitions: Partitions, grant: CheckedGrant): Promise<void> {
  await partitions.run(partitions.of(grant.key), STORE_GRANT, [
    grant.key,
    ...fieldsArgument(presentFields(grant)),
  ]);
}

async function get(partitions: Partitions, key: string): Promise<PersistedGrant | undefined> {
  const record = new ReplyReader(
    await partitions.run(partitions.of(key), GET_GRANT, [key]),
  ).record();
  return record.size === 0 ? undefined : toGrant(record);
}

async function list(partitions: Partitions, filter: GrantFilter): Promise<PersistedGrant[]> {
  const grants: PersistedGrant[] = [];
  await visit(partitions, LIST_GRANTS, filter, (reply) => grants.push(toGrant(reply.record())));
  return grants;
}

async function counted(
  partitions: Partitions,
  script: Script,
  filter: GrantFilter,
): Promise<GrantCounts> {
  const counts = zeroCounts();
  await visit(partitions, script, filter, (reply) => readCount(reply, counts));
  return counts;
}

/** Adds a script's count for one type. */
export function readCount(reply: ReplyReader, counts: GrantCounts): void {
  counts[grantKind(reply.text())] += reply.number();
}

/** Runs a script over all matching grants, in batches. `read` reads one item of a reply. */
async function visit(
  partitions: Partitions,
  script: Script,
  filter: GrantFilter,
  read: (reply: ReplyReader) => void,
): Promise<void> {
  const visitPartition = async (partition: number): Promise<void> => {
    const { indexes, args } = grantConditions(await withoutUnknown(partitions, partition, filter));
    for (const index of indexes) {
      let cursor = "";
      do {
        const reply = new ReplyReader(
          await partitions.run(partition, script, [cursor, index, ...args]),
        );
        cursor = reply.text();
        while (!reply.isAtEnd) {
          read(reply);
        }
      } while (cursor !== "");
    }
  };
  await Promise.all(partitions.all.map(visitPartition));
}

/**
 * A filter in terms of indexes: each matching grant is in exactly one of `indexes`; `args` are the
 * conditions left to check.
 */
export function grantConditions(filter: GrantFilter): { indexes: string[]; args: string[] } {
  const { subjectId, sessionId, clientIds = [], types = [] } = filter;
  const bySubject = subjectId === undefined ? [] : [indexName("subjectId", subjectId)];
  if (sessionId !== undefined) {
    return {
      indexes: [indexName("sessionId", sessionId)],
      args: conditionArguments(bySubject, clientIds, types),
    };
  }
  if (subjectId !== undefined) {
    return { indexes: bySubject, args: conditionArguments([], clientIds, types) };
  }
  return clientIds.length > 0
    ? { indexes: indexNames("clientId", clientIds), args: conditionArguments([], [], types) }
    : { indexes: indexNames("type", types), args: conditionArguments([], [], []) };
}

function conditionArguments(
  others: readonly string[],
  clientIds: readonly string[],
  types: readonly string[],
): string[] {
  return [...listArgument(others), ...listArgument(clientIds), ...listArgument(types)];
}

function indexNames(name: "clientId" | "type", values: readonly string[]): string[] {
  return [...new Set(values)].map((value) => indexName(name, value));
}

function indexName(name: string, value: string): string {
  return `${name}:${value}`;
}

/**
 * Longer lists are first reduced to values that some grant has, because every call repeats them.
 */
const LONG = 100;
const ASKED_AT_ONCE = 5_000;

/**
 * The filter, with its long lists reduced to values that some grant of the partition has. An empty
 * list would mean any value, so one value is kept.
 */
async function withoutUnknown(
  partitions: Partitions,
  partition: number,
  filter: GrantFilter,
): Promise<GrantFilter> {
  const cut = async (name: "clientId" | "type", values: readonly string[]): Promise<string[]> => {
    const known: string[] = [];
    for (const some of chunks(indexNames(name, values), ASKED_AT_ONCE)) {
      known.push(...(await partitions.run(partition, EXISTING_INDEXES, listArgument(some))));
    }
    return known.length === 0
      ? values.slice(0, 1)
      : known.map((index) => index.slice(name.length + 1));
  };
  const { clientIds = [], types = [] } = filter;
  return bare({
    ...filter,
    ...(clientIds.length > LONG && { clientIds: await cut("clientId", clientIds) }),
    ...(types.length > LONG && { types: await cut("type", types) }),
  });
}

function toGrant(record: ReadonlyMap<string, string>): PersistedGrant {
  const text = (name: string): string => {
    const value = record.get(name);
    if (value === undefined) {
      throw new RollcallError("store_failed", `the record of a grant has no \`${name}\``);
    }
    return value;
  };
  const grant: PersistedGrant = {
    key: text("key"),
    type: text("type"),
    clientId: text("clientId"),
    created: new Date(Number(text("created"))),
    data: text("data"),
  };
  for (const name of ["subjectId", "sessionId", "description"] as const) {
    const value = record.get(name);
    if (value !== undefined) grant[name] = value;
  }
  for (const name of ["expires", "consumed"] as const) {
    const time = record.get(name);
    if (time !== undefined) grant[name] = new Date(Number(time));
  }
  return grant;
}
