// The sign-in path, as an identity provider uses it. Only compiled, never run.

import {
  type NewSession,
  type SessionChange,
  SessionManagement,
  type TicketKeys,
  type TicketSession,
  TicketStore,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

const keys: TicketKeys = { current: "2026", keys: { 2026: new Uint8Array(32), 2025: "base64url" } };
const tickets = new TicketStore(memoryStores(), { keys });

/** Opening the tickets of a list needs the same keys. */
export const management = new SessionManagement(memoryStores(), { keys });

export async function signIn(): Promise<string> {
  const smallest: NewSession = { subjectId: "12345" };
  await tickets.store(smallest);
  const cookie: string = await tickets.store({
    subjectId: "12345",
    sessionId: "abc",
    displayName: "Bob",
    issuer: "https://id.example.com",
    scheme: "cookie",
    expires: new Date(),
    clients: ["shop", { clientId: "forum", sessionId: "of its own" }],
    ipAddress: "192.0.2.1",
    userAgent: "Mozilla/5.0",
    attributes: { device: "laptop" },
    ticket: { amr: ["pwd"] },
  });
  const known: boolean =
    (await tickets.addClient(cookie, "shop")) &&
    (await tickets.addClient(cookie, { clientId: "forum" }));
  return known ? cookie : "";
}

/** `cookie` is absent in a request without cookies. */
export async function comeBack(cookie: string | undefined): Promise<string | undefined> {
  const session: TicketSession | undefined = await tickets.retrieve(cookie);
  if (session === undefined) {
    return undefined;
  }
  const ticket: unknown = session.ticket;
  const change: SessionChange = { expires: Date.now() + 3_600_000, ticket };
  const renewed: string | undefined = await tickets.renew(cookie, change);
  // @ts-expect-error: the host defines the type of a ticket
  session.ticket.amr;
  // @ts-expect-error: the key of a row is not public
  session.key;
  return renewed;
}

export const stepUp = (cookie: string): Promise<string | undefined> => tickets.rotate(cookie);

export const leave = (cookie: string): Promise<boolean> => tickets.remove(cookie);

// @ts-expect-error: keys are needed
new TicketStore(memoryStores());
// @ts-expect-error: the current key is needed
new TicketStore(memoryStores(), { keys: { keys: {} } });
// @ts-expect-error: a subject is needed
tickets.store({ sessionId: "abc" });
// @ts-expect-error: a client needs an id
tickets.addClient("cookie", { sessionId: "abc" });
// @ts-expect-error: clients are added, not replaced
tickets.renew("cookie", { clients: [] });
