// Admits callers that send the secret ADMIN_TOKEN. Replace it with your own check.

/** Runs `handle` for an administrator, and refuses other callers. */
export async function onlyAdministrators(request, env, handle) {
  if (await isAdministrator(request, env)) return handle();
  return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
}

/** Compares digests in constant time, so that the response time doesn't reveal the secret. */
async function isAdministrator(request, { ADMIN_TOKEN }) {
  if (!ADMIN_TOKEN) return false;
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const given = digest(request.headers.get("authorization") ?? "");
  return crypto.subtle.timingSafeEqual(await given, await digest(`Bearer ${ADMIN_TOKEN}`));
}
