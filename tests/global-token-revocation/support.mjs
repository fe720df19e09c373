// Shared by the tests of the endpoint: a provider with signed-in users, and the endpoint in front
// of it.

import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { globalTokenRevocation } from "../../pkg/global-token-revocation.js";

export const ENDPOINT = "https://id.example.com/global-token-revocation";

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** The subjects by their identifiers. */
const DIRECTORY = {
  "alice@example.com": "alice",
  "acct:alice@example.com": "alice",
  "https://idp.example.com/ a1": "alice",
  alice: "alice",
  bob: "bob",
  "+12065550100": "alice",
  "did:example:123456": "alice",
  "urn:uuid:4e851e98-83c4-4743-a5da-150ecb53042f": "alice",
  "bob@example.com": "bob",
};

/**
 * A host with the client `shop`, its events, and its endpoint for the caller `siem`. `options`
 * override the default ones.
 */
export function provider(options = {}, members = {}) {
  const events = [];
  const sent = [];
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    sendLogout: ({ clientId, subjectId, sessionId }) => {
      sent.push([clientId, subjectId, sessionId]);
      return { delivered: true, status: 200 };
    },
    onEvent: (event) => events.push(event),
    ...members,
  };
  const tickets = new TicketStore(host, { keys: KEYS });
  const management = new SessionManagement(host);
  const asked = [];
  const errors = [];
  const handle = globalTokenRevocation({
    management,
    authorize: () => ({ actor: "siem" }),
    resolveSubject: (subId) => {
      asked.push(subId);
      const { format: _, ...values } = subId;
      return DIRECTORY[Object.values(values).join(" ")];
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    host,
    management,
    handle,
    events,
    /** The client, the subject and the session of each notification. */
    sent,
    /** The identifiers that were looked up. */
    asked,
    errors,
    signIn: (subjectId, sessionId, issuer) =>
      tickets.store({ subjectId, sessionId, issuer, clients: ["shop"] }),
    grant: (subjectId, type) =>
      host.grants.store({
        key: `${type} of ${subjectId}`,
        type,
        subjectId,
        clientId: "shop",
        created: new Date(),
        data: "",
      }),
    sessions: async () =>
      (await management.querySessions()).results.map(({ sessionId }) => sessionId).sort(),
    grants: async (subjectId) =>
      (await host.grants.list({ subjectId })).map(({ type }) => type).sort(),
  };
}

/** A request as in the draft's examples. Headers that are `undefined` are omitted. */
export function requestFor(body, { headers = {}, ...init } = {}) {
  const all = {
    "content-type": "application/json",
    authorization: "Bearer f5641763544a7b24b08e4f74045",
    ...headers,
  };
  return new Request(ENDPOINT, {
    method: "POST",
    headers: Object.entries(all).filter(([, value]) => value !== undefined),
    body: typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body),
    ...(body instanceof ReadableStream && { duplex: "half" }),
    ...init,
  });
}

export const ALICE = { sub_id: { format: "email", email: "alice@example.com" } };

/** The contents of an answer. */
export async function said(response) {
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, body: text === "" ? undefined : JSON.parse(text) };
}
