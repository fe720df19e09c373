import { test } from "vitest";
import { declareKit } from "./kit.mjs";

await declareKit(test);
