import { testEngine } from "./engine-tests.mjs";

await testEngine("libsql");
