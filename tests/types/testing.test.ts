// The conformance kit under each test runner. Only compiled, never run.

import { test } from "node:test";
import { memoryStores } from "rollcall/memory";
import { type StoreCase, storeCases, testStores } from "rollcall/testing";
import { test as vitestTest } from "./runners.js";

await testStores(test, () => memoryStores());
await testStores(vitestTest, async () => ({ ...memoryStores(), close: async () => {} }));

// One store is enough.
const cases: StoreCase[] = await storeCases(() => ({ sessions: memoryStores().sessions }));
for (const { name, run } of cases) await run().catch((error) => console.log(name, error));

// @ts-expect-error: a session store is needed
await testStores(test, () => ({ outbox: memoryStores().outbox }));
