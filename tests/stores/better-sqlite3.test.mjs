import { testEngine } from "./engine-tests.mjs";

await testEngine("better-sqlite3");
