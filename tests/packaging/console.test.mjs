// The console's files from the installed package, on each host that has a file system.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { bunPath, denoPath, nodePath, run, Unavailable } from "../hosts/tools.mjs";
import { project } from "./project.mjs";

const HOSTS = {
  "Node 20": () => [nodePath(20)],
  "Node 26": () => [nodePath(26)],
  Deno: async () => [
    await denoPath(),
    ...["run", "--no-prompt", "--no-remote", "--allow-read=node_modules"],
  ],
  Bun: () => [bunPath(), "run"],
};

let folder;

before(async () => {
  folder = await project("console");
});

for (const [name, command] of Object.entries(HOSTS)) {
  test(`the console is served on ${name}`, async (t) => {
    try {
      const [program, ...args] = await command();
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const options = { cwd: folder, env: { ...env, DENO_DIR: `${folder}/.deno` } };
      assert.deepEqual(JSON.parse(await run(program, [...args, "console.mjs"], options)), {
        page: [200, "text/html; charset=utf-8", "<!doctype html>"],
        policy: true,
        unchanged: 304,
        isSame: true,
        redirect: "./admin/",
        unknown: 404,
      });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      t.skip(error.message);
    }
  });
}
