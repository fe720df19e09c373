// The console's files from the package. Runs on Node, Deno and Bun.
import { consoleFiles } from "rollcall/console";

const files = consoleFiles({ basePath: "/admin" });
const get = (path, headers = {}) =>
  files(new Request(`https://id.example.com${path}`, { headers }));

const page = await get("/admin/", { "accept-encoding": "identity" });
const text = await page.text();
const [script] = /assets\/index-[\w-]+\.js/.exec(text);
const plain = await get(`/admin/${script}`);
const compressed = await get(`/admin/${script}`, { "accept-encoding": "gzip" });
const unpacked = compressed.body.pipeThrough(new DecompressionStream("gzip"));
const etag = page.headers.get("etag");

console.log(
  JSON.stringify({
    page: [page.status, page.headers.get("content-type"), text.slice(0, 15)],
    policy: page.headers.get("content-security-policy").includes("frame-ancestors 'none'"),
    unchanged: (await get("/admin/", { "accept-encoding": "identity", "if-none-match": etag }))
      .status,
    isSame: (await new Response(unpacked).text()) === (await plain.text()),
    redirect: (await get("/admin")).headers.get("location"),
    unknown: (await get("/admin/assets/..%2f..%2fpackage.json")).status,
  }),
);
