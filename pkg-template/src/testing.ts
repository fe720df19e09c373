/**
 * The conformance kit: every requirement of the ports as a named test case, to run on your own
 * stores. The guide is `docs/stores/your-own.md`.
 *
 * `atomic` is tested as far as its `covers` go: without grants or an outbox in it, the cases that
 * need them are skipped.
 *
 * It needs `fast-check` and `node:assert`, which is available in Node, Deno and Bun, and in Workers
 * with the compatibility flag `nodejs_compat`. To change the number of random cases of each
 * property, set `numRuns` with fast-check's `configureGlobal`: by default it is 40, and 50 for
 * steps that end sessions.
 *
 * @example
 * import { test } from "node:test"; // or Deno.test, or `test` of bun:test or Vitest
 * import { testStores } from "rollcall/testing";
 *
 * await testStores(test, () => myStores());
 *
 * @module
 */

import { requiredFunction, requiredInstance } from "./options.js";
import { admitCases } from "./testing/admit-cases.js";
import type { OptionalPart, PortCase } from "./testing/case.js";
import { conditionCases } from "./testing/condition-cases.js";
import { endingCases } from "./testing/ending-cases.js";
import { endingGrantCases } from "./testing/ending-grant-cases.js";
import { endingNoticeCases } from "./testing/ending-notice-cases.js";
import { endingRaceCases } from "./testing/ending-race-cases.js";
import { endingRandomCases } from "./testing/ending-random-cases.js";
import { filterCases } from "./testing/filter-cases.js";
import { grantCases } from "./testing/grant-cases.js";
import { keyCases } from "./testing/key-cases.js";
import {
  endingLengthCases,
  grantLengthCases,
  outboxLengthCases,
  sessionLengthCases,
} from "./testing/length-cases.js";
import { outboxCases } from "./testing/outbox-cases.js";
import { pagingCases } from "./testing/paging-cases.js";
import { expiredGrantCases, forgettingCases, pruningCases } from "./testing/pruning-cases.js";
import { randomCases } from "./testing/random-cases.js";
import { sessionCases } from "./testing/session-cases.js";
import {
  type OpenStores,
  runOn,
  type StoresUnderTest,
  servesFilter,
} from "./testing/stores-under-test.js";

export type { OpenStores, StoresUnderTest } from "./testing/stores-under-test.js";

/** One requirement of a port. `run` rejects if the stores don't meet it. */
export interface StoreCase {
  /**
   * The store and the requirement, such as `sessions: keeps every member of a session`. Stable
   * within a version.
   */
  readonly name: string;
  run(): Promise<void>;
}

/**
 * All cases for these stores, for hosts without a test runner; run them one after the other. It
 * opens the stores once to inspect them: cases for missing functions are skipped, and filters that
 * `capabilities` doesn't declare are not tested.
 *
 * @throws {RollcallError} `invalid_argument` if `open` is not a function or returns no session
 * store, or if `capabilities` declares an unknown filter.
 * @example
 * for (const { name, run } of await storeCases(() => myStores())) {
 *   await run();
 *   console.log(name);
 * }
 */
export async function storeCases(open: OpenStores): Promise<StoreCase[]> {
  const opened: Partial<StoresUnderTest> | undefined = await requiredFunction(open, "open")();
  const { grants, outbox, atomic, close } = opened ?? {};
  const sessions = requiredInstance(
    opened?.sessions,
    ["create", "get", "update", "addClient", "list", "remove"],
    "`open` must return the stores to test, with a `SessionStore` as `sessions`",
  );
  await close?.();
  if (atomic !== undefined) {
    requiredInstance(
      atomic,
      ["clientsOf", "endSessions", "admit"],
      "`atomic` must be an `AtomicEnding`, which ends sessions as a set",
    );
  }
  const groups: [store: string, isThere: boolean, cases: readonly PortCase[]][] = [
    [
      "sessions",
      true,
      [
        ...sessionCases,
        ...conditionCases,
        ...keyCases,
        ...pagingCases,
        ...filterCases,
        ...forgettingCases,
        ...randomCases,
        ...sessionLengthCases,
      ],
    ],
    ["grants", grants !== undefined, [...grantCases, ...expiredGrantCases, ...grantLengthCases]],
    ["outbox", outbox !== undefined, [...outboxCases, ...pruningCases, ...outboxLengthCases]],
    [
      "atomic",
      atomic !== undefined,
      [
        ...endingCases,
        ...endingNoticeCases,
        ...endingLengthCases,
        ...endingGrantCases,
        ...admitCases,
        ...endingRaceCases,
        ...endingRandomCases,
      ],
    ],
  ];
  const parts: { readonly [Part in OptionalPart]: boolean } = {
    "sessions.count": sessions.count !== undefined,
    "sessions.forgetDevices": sessions.forgetDevices !== undefined,
    "grants.removeExpired": grants?.removeExpired !== undefined,
    "outbox.prune": outbox?.prune !== undefined,
    "atomic.covers.grants": grants !== undefined && atomic?.covers?.grants !== undefined,
    "atomic.covers.outbox": outbox !== undefined && atomic?.covers?.outbox !== undefined,
  };
  const serves = servesFilter(sessions.capabilities);
  return groups
    .filter(([, isThere]) => isThere)
    .flatMap(([store, , cases]) =>
      cases
        .filter(
          ({ needs, filters }) =>
            (needs ?? []).every((part) => parts[part]) && (filters?.some(serves) ?? true),
        )
        .map((portCase) => ({
          name: `${store}: ${portCase.name}`,
          run: () => runOn(open, portCase, serves),
        })),
    );
}

/**
 * Declares a test for each case with the `test` function of a test runner: pass that of
 * `node:test`, `bun:test` or Vitest directly, and Deno's as `(name, run) => Deno.test(name, run)`.
 *
 * @throws {RollcallError} `invalid_argument` like `storeCases`, and if `test` is not a function.
 * @example
 * await testStores(test, () => memoryStores());
 */
export async function testStores(
  test: (name: string, run: () => Promise<void>) => unknown,
  open: OpenStores,
): Promise<void> {
  requiredFunction(test, "test");
  for (const { name, run } of await storeCases(open)) {
    test(name, run);
  }
}
