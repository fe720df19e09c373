// A process with the API and a filled SQLite file: `node --expose-gc server.mjs`. It sends its
// address, and answers each message with the size of its heap and the errors that `onError` got.

import { startFilled } from "../filled.mjs";

const { url, errors } = await startFilled("SQLite");

process.on("message", async () => {
  // A connection is cleaned up shortly after it ends.
  for (let time = 0; time < 3; time += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  process.send({ heap: process.memoryUsage().heapUsed, errors: errors.map(String) });
});
process.on("disconnect", () => process.exit());
process.send({ url });
