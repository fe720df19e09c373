// A process with the admin API and a database: node purge-server.mjs ENGINE PLACE. It sends its
// address, and serves requests until it's killed.
import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { SessionManagement } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { openDatabase } from "./databases.mjs";

const [engine, place] = process.argv.slice(2);
const { stores } = await openDatabase(engine, place);
const host = {
  ...stores,
  clients: (clientId) => ({
    clientId,
    backChannelLogoutUri: `https://${clientId}.example.com/logout`,
  }),
  sendLogout: () => ({ delivered: true, status: 200 }),
};
const api = adminApi({
  management: new SessionManagement(host),
  authorize: () => ({ actor: "carol", permissions: ["purge"] }),
});
const server = createServer(getRequestListener((request) => api(request)));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.on("disconnect", () => process.exit());
process.send?.(`http://127.0.0.1:${server.address().port}`);
