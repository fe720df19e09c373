import { api, port } from "./admin.mjs";

const server = Bun.serve({
  port,
  hostname: "127.0.0.1",
  routes: {
    "/admin/*": (request, server) => {
      server.timeout(request, 0); // by default Bun closes connections that are idle for 10 s
      return api(request);
    },
  },
  fetch: () => new Response(null, { status: 404 }),
});
console.log("listening on", server.url.href);
