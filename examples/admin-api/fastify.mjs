// @ts-check
import { getRequestListener } from "@hono/node-server";
import Fastify from "fastify";
import { api, port } from "./admin.mjs";

const admin = getRequestListener((request) => api(request), { overrideGlobalObjects: false });

const fastify = Fastify();
fastify.register(
  async (scope) => {
    // Don't parse bodies in this scope, because the API reads them itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    scope.all("/*", async (request, reply) => {
      reply.hijack();
      await admin(request.raw, reply.raw);
    });
  },
  { prefix: "/admin" },
);
fastify.post("/echo", async (request) => request.body);

console.log("listening on", await fastify.listen({ port, host: "127.0.0.1" }));
