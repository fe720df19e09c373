// Who may call: whoever knows the secret ADMIN_TOKEN. Put your own check in its place.

/** Runs `handle` for an administrator, and refuses everybody else. */
export async function onlyAdministrators(request, env, handle) {
  if (await isAdministrator(request, env)) return handle();
  return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
}

/** Digests are compared, and in constant time: how long it takes says nothing of the secret. */
async function isAdministrator(request, { ADMIN_TOKEN }) {
  if (!ADMIN_TOKEN) return false;
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const given = digest(request.headers.get("authorization") ?? "");
  return crypto.subtle.timingSafeEqual(await given, await digest(`Bearer ${ADMIN_TOKEN}`));
}
