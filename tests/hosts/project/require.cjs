// The package with `require`, which Node 22 and later offer for ES modules without top-level await.
const rollcall = require("rollcall");
const memory = require("rollcall/memory");
const http = require("rollcall/http");

import("./suite.mjs").then(async ({ runSuite }) =>
  console.log(JSON.stringify(await runSuite(rollcall, memory, http))),
);
