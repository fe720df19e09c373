// What the tests of the stores put into them.

/** A session with what it must have, and what is given. */
export function session(key, members = {}) {
  return {
    key,
    scheme: "default",
    subjectId: "alice",
    sessionId: `sid of ${key}`,
    created: 1_000,
    renewed: 1_000,
    clients: [],
    ...members,
  };
}

/** A session with everything that it can have. */
export function fullSession(key) {
  return session(key, {
    displayName: "Älice Ünäl",
    displayNameFolded: "älice ünäl",
    issuer: "https://id.example.com",
    renewed: 2_000,
    expires: 3_000,
    clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "sid at the forum" }],
    ipAddress: "2001:db8::1",
    userAgent: 'Browser/1.0 ("quoted"; it\'s %_\\)',
    attributes: { device: "phone", "odd name": "☎ 'quoted'" },
    ticket: `v1.${"sealed".repeat(500)}`,
  });
}

/** A grant with what it must have, and what is given. */
export function grant(key, members = {}) {
  return { key, type: "refresh_token", clientId: "shop", created: new Date(1_000), data: "opaque", ...members };
}

/** A notification with what it must have, and what is given. */
export function notification(id, members = {}) {
  return { id, clientId: "shop", reason: "terminated", attempt: 0, created: 1_000, ...members };
}

/** Puts sessions in, one after the other: the order of those that share an instant. */
export async function createAll(sessions, rows) {
  for (const row of rows) {
    await sessions.create(row);
  }
}

export const keysOf = (rows) => rows.map(({ key }) => key);
