/**
 * Brings the user's stores to a case, and puts them away afterwards.
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
 * The stores to test. A store that is missing isn't tested, and neither are the parts of `atomic`
 * that need it.
 */
export interface StoresUnderTest {
  sessions: SessionStore;
  grants?: GrantStore | undefined;
  outbox?: LogoutOutbox | undefined;
  atomic?: AtomicEnding | undefined;
  /** Called when a case is done with them. */
  close?: (() => MaybePromise<void>) | undefined;
}

/**
 * Opens fresh and empty stores, always of the same kind. What it returned before is closed by then
 * and not used any more, so that it may empty one database instead of making a new one.
 */
export type OpenStores = () => MaybePromise<StoresUnderTest>;

/** Runs a case, and closes all that it opened, whatever becomes of it. */
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
 * Tells whether a store with these capabilities serves a filter.
 *
 * @throws {RollcallError} `invalid_argument` if it declares what is no filter: that would not be
 * tested, and never be served.
 */
export function servesFilter({
  filters,
}: StoreCapabilities = {}): (filter: StoreFilter) => boolean {
  const unknown = filters?.find((name) => !FILTER_NAMES.has(name));
  if (unknown !== undefined) {
    throw invalidArgument(`\`${unknown}\` in \`capabilities.filters\` is no filter: correct it`);
  }
  return (filter) =>
    filters === undefined || filterNames(filter).every((name) => filters.includes(name));
}

/** The stores with every member: what can only be counted by listing is counted so. */
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
      // A case that prunes is left out if the outbox can't.
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
 * A store with something to fall back on. It keeps its prototype: it may be an object of a class.
 */
function withFallback<Store extends object, Fallback extends object>(
  store: Store,
  fallback: Fallback,
): Required<Store> & Fallback {
  const get = (target: Store, name: string | symbol) => {
    const member = Reflect.get(target, name) ?? Reflect.get(fallback, name);
    return typeof member === "function" ? member.bind(target) : member;
  };
  // Every member is there by then: what the store lacks is in the fallback.
  return new Proxy(store, { get }) as Required<Store> & Fallback;
}

/** No case for it is run: to see this is a fault of the kit. */
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
