import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { testCases } from "./cases.mjs";
import { testStores } from "./kit.mjs";
import { refusalCases } from "./refusal-cases.mjs";

await testStores(test, () => memoryStores(), "memory");
testCases("refusals by the stores in memory", refusalCases(memoryStores));
