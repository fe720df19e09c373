import { testInWorkerd } from "./workerd.mjs";

await testInWorkerd("durable-object");
