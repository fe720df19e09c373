import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/node.js";
import { testStores } from "../../pkg/testing.js";

await testStores(test, () => memoryStores());
