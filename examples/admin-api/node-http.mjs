// @ts-check
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const server = createServer((req, res) => {
  if (req.url?.startsWith("/admin/")) return admin(req, res);
  res.writeHead(404).end();
});
server.listen(port, "127.0.0.1", () => console.log("listening on", server.address()));
