// The OpenAPI document, checked by a linter.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

test("the linter finds no problem in the document", () => {
  const lint = ["lint", path("../../pkg/openapi.json"), "--format=json", "--extends=recommended"];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [path("../../node_modules/@redocly/cli/bin/cli.js"), ...lint],
    {
      encoding: "utf8",
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    },
  );
  const { totals, problems } = JSON.parse(stdout || `{ "problems": ${JSON.stringify(stderr)} }`);
  assert.deepEqual(problems, []);
  assert.deepEqual(totals, { errors: 0, warnings: 0, ignored: 0 });
});
