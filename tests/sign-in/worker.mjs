/** The middleware in a Worker, for `workerd.test.mjs`. It stores sessions in memory. */

import { Hono } from "hono";
import { SessionCoordination, TicketStore } from "rollcall";
import { sessionCookie } from "rollcall/hono";
import { memoryStores } from "rollcall/memory";

const host = {
  ...memoryStores(),
  clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
  sendLogout: () => ({ delivered: true }),
};
const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
const coordination = new SessionCoordination(host);

const app = new Hono();
app.use(sessionCookie({ tickets, coordination }));
app.post("/sign-in", async (c) => {
  await c.var.rollcall.signIn({
    subjectId: await c.req.text(),
    ipAddress: c.req.header("cf-connecting-ip"),
    clients: ["shop"],
  });
  return c.redirect("/", 303);
});
app.post("/sign-out", async (c) => {
  const waitUntil = (rest) => c.executionCtx.waitUntil(rest);
  const report = await c.var.rollcall.signOut({ waitUntil });
  return c.json(report.notifications);
});
app.get("/", (c) => c.json(c.var.rollcall.session ?? null));

export default app;
