// One of several processes that deliver from the same file: node worker.mjs FILE URI. It sends a
// message when it's ready, starts on a message, and sends its counts.
import { once } from "node:events";
import { LogoutDelivery } from "../../pkg/entry/node.js";
import { sqlStores } from "../../pkg/sql.js";
import { localSender } from "../logout/support.mjs";
import { engine } from "../stores/engines.mjs";
import { OPTIONS } from "../stores/support.mjs";

const [file, uri] = process.argv.slice(2);
const { open } = await engine("libsql");
const { kysely } = open(file);
const delivery = new LogoutDelivery({
  ...sqlStores(kysely, OPTIONS),
  clients: (clientId) => ({
    clientId,
    backChannelLogoutUri: uri,
    idTokenSignedResponseAlg: "ES256",
  }),
  sendLogout: localSender({ timeout: 60_000 }),
});

process.send("ready");
await once(process, "message");
const done = { delivered: 0, failed: 0, rescheduled: 0 };
for (let more = true; more; ) {
  const pass = await delivery.deliverDue({ limit: 20 });
  for (const name of Object.keys(done)) done[name] += pass[name];
  ({ more } = pass);
}
await kysely.destroy();
process.send(done, () => process.disconnect());
