// @ts-check
import { getRequestListener } from "@hono/node-server";
import { bodyParser } from "@koa/bodyparser";
import Koa from "koa";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const app = new Koa();
app.use(bodyParser());
app.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/admin/")) return next();
  const { rawBody } = ctx.request;
  // `getRequestListener` reads the body from here.
  if (rawBody !== undefined) Object.assign(ctx.req, { rawBody: Buffer.from(rawBody) });
  ctx.respond = false;
  await admin(ctx.req, ctx.res);
});

const server = app.listen(port, "127.0.0.1", () => console.log("listening on", server.address()));
