// A process with the API over a filled SQLite file: `node --expose-gc server.mjs`. It sends its
// address, and answers each message with its heap and what `onError` got.

import { startFilled } from "../filled.mjs";

const { url, errors } = await startFilled("SQLite");

process.on("message", async () => {
  // The work of a connection ends a moment after it.
  for (let time = 0; time < 3; time += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  process.send({ heap: process.memoryUsage().heapUsed, errors: errors.map(String) });
});
process.on("disconnect", () => process.exit());
process.send({ url });
