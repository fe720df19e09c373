/**
 * The common part of the programs that end sessions: a host whose clients accept every
 * notification, with two sessions of Bob and their grants.
 *
 * @module
 */

export const host = `
  import { TicketStore } from "rollcall";
  import { memoryStores } from "rollcall/memory";
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://" + clientId + ".example.com/out" }),
    sendLogout: () => ({ delivered: true }),
  };
  const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  const cookies = {
    laptop: await tickets.store({ subjectId: "bob", sessionId: "laptop", clients: ["shop", "wiki"] }),
    phone: await tickets.store({ subjectId: "bob", sessionId: "phone", clients: ["shop"] }),
  };
  const grant = (key, type, sessionId) =>
    host.grants.store({ key, type, subjectId: "bob", sessionId, clientId: "shop", created: new Date(), data: "" });
  await grant("of the laptop", "refresh_token", "laptop");
  await grant("of the phone", "refresh_token", "phone");
  await grant("without a session", "refresh_token");
  await grant("consent", "user_consent");
  await grant("own of the laptop", "device_secret", "laptop");
  const grantsLeft = async () => (await host.grants.list({ subjectId: "bob" })).map(({ key }) => key).sort().join();
  const sessionsLeft = async () => {
    const { sessions } = await host.sessions.list({ filter: {}, order: "oldest", limit: 9 });
    return sessions.map(({ sessionId }) => sessionId).join();
  };
`;
