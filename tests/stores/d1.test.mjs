import { testInWorkerd } from "./workerd.mjs";

await testInWorkerd("d1");
