import { declareKit } from "./kit.mjs";

await declareKit((name, run) => Deno.test(name, run));
