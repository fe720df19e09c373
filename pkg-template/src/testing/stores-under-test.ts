/**
 * Opens the user's stores for a case, and closes them afterwards.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import { invalidArgument } from "../errors.js";
import { grantKind } from "../grant-types.js";
import type {
  AtomicEnding,
  GrantCounts,
  GrantFilter,
  GrantStore,
  LogoutOutbox,
  MaybePromise,
  SessionStore,
  StoreCapabilities,
  StoreFilter,
} from "../types.js";
import { type CaseContext, FILTER_NAMES, filterNames, type PortCase, type Stores } from "./case.js";
import { atomicUnderKeys, underKeys } from "./keys.js";
import { pagesOf } from "./samples.js";

/**
 * The stores to test. A missing store isn't tested, and neither are the parts of `atomic` that need
 * it.
 *
 * @example
 * const open = (): StoresUnderTest => {
 *   const { sessions, grants, outbox, atomic } = memoryStores();
 *   return { sessions, grants, outbox, atomic };
 * };
 */
export interface StoresUnderTest {
  sessions: SessionStore;
  grants?: GrantStore | undefined;
  outbox?: LogoutOutbox | undefined;
  atomic?: AtomicEnding | undefined;
  /** Called after each case. */
  close?: (() => MaybePromise<void>) | undefined;
}

/**
 * Opens fresh and empty stores, always of the same kind. It is called after the previous stores are
 * closed, so it may empty one database instead of creating another.
 */
export type OpenStores = () => MaybePromise<StoresUnderTest>;

/** Runs a case, and closes everything that it opened, even if it fails. */
export async function runOn(
  open: OpenStores,
  portCase: PortCase,
  serves: CaseContext["serves"],
): Promise<void> {
  let opened: StoresUnderTest | undefined;
  const close = async () => {
    const last = opened;
    opened = undefined;
    await last?.close?.();
  };
  const openNext = async () => {
    await close();
    opened = await open();
    return complete(opened);
  };
  try {
    await portCase.run({ open: openNext, serves });
  } finally {
    await close();
  }
}

/**
 * Makes a function that returns whether a store with these capabilities supports a filter.
 *
 * @throws {RollcallError} `invalid_argument` if it declares an unknown filter, which would be
 * neither tested nor used.
 */
export function servesFilter({
  filters,
}: StoreCapabilities = {}): (filter: StoreFilter) => boolean {
  const unknown = filters?.find((name) => !FILTER_NAMES.has(name));
  if (unknown !== undefined) {
    throw invalidArgument(`\`${unknown}\` in \`capabilities.filters\` is not a filter: correct it`);
  }
  return (filter) =>
    filters === undefined || filterNames(filter).every((name) => filters.includes(name));
}

/** The stores with every function: without `count`, sessions and grants are counted by listing. */
function complete({ sessions, grants, outbox, atomic }: StoresUnderTest): Stores {
  const named = withFallback(underKeys(sessions), {
    count: (filter: StoreFilter) => countListed(sessions, filter),
    sharePartition: () => true,
  });
  const counting =
    grants && withFallback(grants, { count: (filter: GrantFilter) => countGrants(grants, filter) });
  return {
    sessions: named,
    get grants() {
      return counting ?? missing("grants");
    },
    get outbox() {
      // Cases of pruning are skipped if the outbox can't prune.
      return (outbox ?? missing("outbox")) as Required<LogoutOutbox>;
    },
    get atomic() {
      const there = atomic ?? missing("atomic");
      const { covers } = there;
      return atomicUnderKeys(there, {
        sessions: covers.sessions === sessions ? named : underKeys(covers.sessions),
        grants: covers.grants === grants ? counting : covers.grants,
        outbox: covers.outbox,
      });
    },
  };
}

/**
 * A store with fallbacks for missing functions. It keeps its prototype, because it may be an
 * instance of a class.
 */
function withFallback<Store extends object, Fallback extends object>(
  store: Store,
  fallback: Fallback,
): Required<Store> & Fallback {
  const get = (target: Store, name: string | symbol) => {
    const member = Reflect.get(target, name) ?? Reflect.get(fallback, name);
    return typeof member === "function" ? member.bind(target) : member;
  };
  // Every function exists now: those that the store lacks are in the fallback.
  return new Proxy(store, { get }) as Required<Store> & Fallback;
}

/** No case that needs it runs, so reaching this is a bug in the kit. */
function missing(name: string): never {
  return assert.fail(`a case asks for \`${name}\`, which these stores do not have`);
}

async function countListed(sessions: SessionStore, filter: StoreFilter): Promise<number> {
  return (await pagesOf(sessions, { filter, order: "oldest", limit: 1_000 })).flat().length;
}

async function countGrants(grants: GrantStore, filter: GrantFilter): Promise<GrantCounts> {
  const counts: GrantCounts = { tokens: 0, consents: 0, other: 0 };
  for (const { type } of await grants.list(filter)) {
    counts[grantKind(type)] += 1;
  }
  return counts;
}
