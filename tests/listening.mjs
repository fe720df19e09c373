// A server that listens on the loopback address during one test.
import { once } from "node:events";

/** Starts the server and closes it after the test. Returns its host and port. */
export async function listening(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return `127.0.0.1:${server.address().port}`;
}
