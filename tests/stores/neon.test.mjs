import { after } from "node:test";
import { startNeonService } from "../servers/neon.mjs";
import { connectByHttp } from "./postgres-drivers.mjs";
import { testOnPostgres } from "./postgres-kit.mjs";

await testOnPostgres("Neon's driver", async (url) => {
  const service = await startNeonService(url);
  after(() => service.stop());
  // The driver requires a password in the address.
  return connectByHttp(url.replace("@", ":none@"), service.endpoint);
});
