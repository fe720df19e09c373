// The sign-in path, as an identity provider walks it. Only compiled, never run.

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

/** Opening tickets in a list needs the same keys. */
export const management = new SessionManagement(memoryStores(), { keys });

export async function signIn(): Promise<string> {
  const smallest: NewSession = { subjectId: "12345" };
  await tickets.store(smallest);
  const key: string = await tickets.store({
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
    (await tickets.addClient(key, "shop")) && (await tickets.addClient(key, { clientId: "forum" }));
  return known ? key : "";
}

export async function comeBack(key: string): Promise<number | undefined> {
  const session: TicketSession | undefined = await tickets.retrieve(key);
  if (session === undefined) {
    return undefined;
  }
  const ticket: unknown = session.ticket;
  const change: SessionChange = { expires: Date.now() + 3_600_000, ticket };
  const renewed: boolean = await tickets.renew(key, change);
  // @ts-expect-error: the ticket's form is the host's
  session.ticket.amr;
  return renewed ? session.expires : undefined;
}

export const leave = (key: string): Promise<boolean> => tickets.remove(key);

// @ts-expect-error: keys are needed
new TicketStore(memoryStores());
// @ts-expect-error: which key seals must be said
new TicketStore(memoryStores(), { keys: { keys: {} } });
// @ts-expect-error: a sign-in is somebody's
tickets.store({ sessionId: "abc" });
// @ts-expect-error: a client has an id
tickets.addClient("key", { sessionId: "abc" });
// @ts-expect-error: clients are added, not replaced
tickets.renew("key", { clients: [] });
