/** Hosts with memory stores, for the cases of the suite. */

export const KEYS = { current: "new", keys: { new: "B".repeat(43), old: "A".repeat(43) } };

/** A host with memory stores, the notifications that its sender got, and its events. */
export function host(lib) {
  const sent = [];
  const events = [];
  return {
    sent,
    events,
    ...lib.memoryStores(),
    clients: async (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example/logout`,
    }),
    sendLogout: async (message) => {
      sent.push(message);
      return { delivered: true, status: 200 };
    },
    onEvent: (event) => events.push(event.type),
  };
}

/** The injected parts of a host. */
export function injected({ sent: _sent, events: _events, ...members }) {
  return members;
}

/** The rows of the session store, oldest first. */
export async function rowsOf({ sessions }) {
  return (await sessions.list({ filter: {}, order: "oldest", limit: 100 })).sessions;
}

/** Signs Bob in this many times, each at `web`, and returns the cookie values. */
export async function signInBob(lib, members, times) {
  const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
  const cookies = [];
  for (let number = 1; number <= times; number += 1) {
    const displayName = `Bob ${number}`;
    cookies.push(
      await tickets.store({
        subjectId: "12345",
        displayName,
        clients: ["web"],
        ticket: { number },
      }),
    );
  }
  return cookies;
}

/** The initial time. */
export const NOW = 1_750_000_000_000;

/**
 * A host whose clock the case sets, and whose clients answer as the case says.
 *
 * @returns `members` is the host itself; `clock.now` is the time; `outcomes` and `registrations`
 *   are by client; `sent` has the arguments of the sender; `events` has the events
 */
export function timedHost(lib) {
  const clock = { now: NOW };
  const [outcomes, registrations, sent, events] = [{}, {}, [], []];
  const members = {
    ...lib.memoryStores(),
    now: () => clock.now,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example/logout`,
      ...registrations[clientId],
    }),
    sendLogout: async (message) => {
      sent.push(message);
      return (await outcomes[message.clientId]) ?? { delivered: true, status: 200 };
    },
    onEvent: (event) => events.push(event),
  };
  const tickets = new lib.TicketStore(members, { keys: KEYS });
  return {
    members,
    clock,
    outcomes,
    registrations,
    sent,
    events,
    tickets,
    management: new lib.SessionManagement(members),
    /** Signs a subject in, with a refresh token for each client, and returns the cookie value. */
    signIn: async (subjectId, sessionId, clients, more = {}) => {
      for (const clientId of clients) {
        const grant = {
          type: "refresh_token",
          subjectId,
          sessionId,
          clientId,
          created: new Date(clock.now),
          data: "",
        };
        await members.grants.store({ ...grant, key: `${sessionId} ${clientId}` });
      }
      return tickets.store({ subjectId, sessionId, clients, ...more });
    },
    /** The clients that still have a token of this session. */
    tokensOf: async (sessionId) =>
      (await members.grants.list({ sessionId })).map(({ clientId }) => clientId).sort(),
    /** The clients that were notified so far. */
    notified: () => sent.map(({ clientId }) => clientId).sort(),
    /** The stored sessions, oldest first. */
    sessionIds: async (query = {}) =>
      (
        await new lib.SessionManagement(members).querySessions({ ...query, order: "oldest" })
      ).results.map(({ sessionId }) => sessionId),
  };
}

/** A promise with the function that resolves it. */
export function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
