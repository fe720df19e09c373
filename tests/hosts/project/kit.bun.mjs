import { test } from "bun:test";
import { declareKit } from "./kit.mjs";

await declareKit(test);
