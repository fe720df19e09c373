// The package by `require`, which Node 22 and later offer for ES modules without top-level await.
const rollcall = require("rollcall");

import("./suite.mjs").then(async ({ runSuite }) =>
  console.log(JSON.stringify(await runSuite(rollcall))),
);
