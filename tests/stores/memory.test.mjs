import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/node.js";
import { testStores } from "../../pkg/testing.js";
import { testRefusals } from "./refusals.mjs";

await testStores(test, () => memoryStores());
testRefusals("memory", () => memoryStores());
