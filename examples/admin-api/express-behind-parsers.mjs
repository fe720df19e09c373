// @ts-check
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const app = express();
app.use(
  express.json({
    limit: "256kb", // the limit of the API; the parser's default is 100kb
    verify: (req, _res, body) => {
      Object.assign(req, { rawBody: body }); // `getRequestListener` reads the body from here
    },
  }),
);
app.use("/admin", admin);

const server = app.listen(port, "127.0.0.1", () => console.log("listening on", server.address()));
