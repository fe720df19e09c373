// @ts-check
import { getRequestListener } from "@hono/node-server";
import { bodyParser } from "@koa/bodyparser";
import Koa from "koa";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const app = new Koa();
// Before the body parser, because the API reads the body itself.
app.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/admin/")) return next();
  ctx.respond = false;
  await admin(ctx.req, ctx.res);
});
app.use(bodyParser());
app.use((ctx) => {
  if (ctx.path === "/echo") ctx.body = ctx.request.body;
});

const server = app.listen(port, "127.0.0.1", () => console.log("listening on", server.address()));
