// Schemathesis with the API on filled stores: it makes valid and invalid requests from the
// document, and compares the answers with it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Unavailable } from "../servers/server.mjs";
import { SECRET, startFilled } from "./filled.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PROGRAM = path("../../target/schemathesis/bin/schemathesis");
const skip =
  !existsSync(PROGRAM) &&
  "no schemathesis found: `python3 -m venv target/schemathesis && target/schemathesis/bin/pip install schemathesis==4.32.5`";

/** The number of requests for each operation, besides those that it always makes. */
const EXAMPLES = process.env.ROLLCALL_LONG === "1" ? 500 : 20;

/** Returns its findings and its exit status. */
async function tested(url) {
  const run = [
    ...["--config-file", path("schemathesis.toml"), "run", path("../../pkg/openapi.json")],
    ...["--url", url, "--max-examples", EXAMPLES, "--no-color"],
  ];
  const child = spawn(PROGRAM, run.map(String), {
    // It leaves files in its working directory.
    cwd: tmpdir(),
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: "1",
      ROLLCALL_SECRET: SECRET,
      ROLLCALL_HOOKS: path("schemathesis_hooks.py"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part) => {
      text += part;
    });
  }
  const [status] = await once(child, "close");
  return { text, status };
}

for (const engine of ["SQLite", "PostgreSQL"]) {
  test(`schemathesis finds nothing on ${engine}`, { skip }, async (t) => {
    let api;
    try {
      api = await startFilled(engine);
    } catch (error) {
      if (error instanceof Unavailable) return t.skip(error.message);
      throw error;
    }
    t.after(api.close);
    const { text, status } = await tested(api.url);
    assert.equal(status, 0, text);
    assert.deepEqual(api.errors, []);
    assert.match(text, /Tested: 13\b/);
    assert.doesNotMatch(text, /Authentication failed|Unsupported regex/);
  });
}
