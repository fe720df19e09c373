import { test } from "node:test";
import { testStores } from "../../pkg/testing.js";
import { arrayStores } from "./array-stores.mjs";

await testStores(test, arrayStores);
