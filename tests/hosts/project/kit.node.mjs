import { test } from "node:test";
import { declareKit } from "./kit.mjs";

await declareKit(test);
