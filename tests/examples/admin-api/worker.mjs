/**
 * `examples/admin-api/worker` with a database that waits for the test before each change, if the
 * request asks for it.
 *
 * @module
 */

import worker from "../../../examples/admin-api/worker/index.mjs";

export default {
  fetch(request, env, ctx) {
    if (!request.headers.has("x-test-gate")) return worker.fetch(request, env, ctx);
    const left = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    ctx.waitUntil(left.then(() => fetch(`${env.GATE}/left`)));
    const batch = async (statements) => {
      await fetch(`${env.GATE}/removal`);
      const results = await env.DB.batch(statements);
      ctx.waitUntil(fetch(`${env.GATE}/done`));
      return results;
    };
    const DB = { prepare: (statement) => env.DB.prepare(statement), batch };
    return worker.fetch(request, { ...env, DB }, ctx);
  },
};
