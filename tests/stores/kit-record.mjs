// Records how many cases of the conformance kit passed on each store, for the tables of the README.
// `cargo xtask test` sets the folder.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.ROLLCALL_KIT_RECORDS;

/** The number of cases that passed in this process, by store. */
const counts = new Map();

/**
 * Returns a case that counts as passed on the store after it has run.
 *
 * @param {string} store
 * @param {() => Promise<void>} run
 */
export function recorded(store, run) {
  if (folder === undefined) return run;
  return async () => {
    await run();
    const passed = (counts.get(store) ?? 0) + 1;
    counts.set(store, passed);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${encodeURIComponent(store)}.json`);
    writeFileSync(path, JSON.stringify({ store, passed }));
  };
}
