// @ts-check
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { api, port } from "./admin.mjs";

const app = new Hono();
app.all("/admin/*", (c) => api(c.req.raw)); // on Workers: `api(c.req.raw, c.executionCtx)`

serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (address) =>
  console.log("listening on", address),
);
