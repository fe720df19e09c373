import { api, port } from "./admin.mjs";

Deno.serve({ port, hostname: "127.0.0.1" }, (request) => {
  const { pathname } = new URL(request.url);
  return pathname.startsWith("/admin/") ? api(request) : new Response(null, { status: 404 });
});
