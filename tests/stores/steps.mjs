// Steps that end sessions, as the tests of the stores use them.

/** The time when notifications are recorded, in epoch milliseconds. */
export const RECORDED = 5_000;

/** The notices of a step: the given clients by subject or by session, and all others by session. */
export function notices(members = {}) {
  return {
    clients: [],
    others: true,
    reason: "terminated",
    created: RECORDED,
    returned: 1_000,
    ...members,
  };
}

/** A client that is notified by a logout token. */
export function notified(clientId, by, logoutUri = `https://${clientId}.example.com/logout`) {
  return { clientId, by, ways: [{ kind: "logout", logoutUri }] };
}

/** A step with these members. By default it ends up to 1,000 sessions, the oldest first. */
export function step(members = {}) {
  return { filter: {}, order: "oldest", limit: 1_000, details: true, ...members };
}

/**
 * A step that ends everything of a subject: sessions, grants, and a notification to each client.
 */
export function endSubject(subjectId, members = {}) {
  return step({
    filter: { subjectId: { equals: subjectId } },
    revoke: { matching: [{ subjectId }] },
    notify: notices(),
    ...members,
  });
}

/** A step that ends expired sessions, as a clean-up does. */
export function endExpired(expiredAt, members = {}) {
  return step({
    filter: { expiredAt },
    order: "expiry",
    revoke: { ofSessions: { types: [] } },
    notify: notices({ reason: "session_expiration" }),
    ...members,
  });
}
