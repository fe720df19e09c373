/**
 * The names that the `@example`s of doc comments use without declaring them: everything that the
 * package exports, and values of a typical program. Each example gets its own copy.
 */

import { generateKeyPairSync } from "node:crypto";
import { createClient as createLibsqlClient } from "@libsql/client";
import { metrics, trace } from "@opentelemetry/api";
import { Kysely } from "kysely";
import { createClient } from "redis";
import {
  type Host,
  LogoutDelivery,
  SessionCoordination,
  SessionManagement,
  TicketStore,
} from "rollcall";
import { sessionCookie } from "rollcall/express";
import type { IssuerKeys, SubjectIdentifier } from "rollcall/global-token-revocation";
import type { SigningKey } from "rollcall/logout";
import { memoryStores } from "rollcall/memory";
import { type D1Client, libsqlDialect, migrate } from "rollcall/sql";

export * from "rollcall";
export * from "rollcall/console";
export * from "rollcall/global-token-revocation";
export * from "rollcall/http";
export * from "rollcall/logout";
export * from "rollcall/memory";
export * from "rollcall/otel";
export * from "rollcall/redis";
export * from "rollcall/sql";
export * from "rollcall/testing";

// The stores and services of a provider.
export const stores = memoryStores();
export const host: Host = {
  ...stores,
  clients: (clientId) => ({ clientId }),
  sendLogout: () => ({ delivered: true }),
};
export const keys = { current: "k", keys: { k: crypto.getRandomValues(new Uint8Array(32)) } };
export const management = new SessionManagement(host);
export const tickets = new TicketStore(host, { keys });
export const coordination = new SessionCoordination(host);
export const delivery = new LogoutDelivery(host);

// A signed-in user, and the request of that user's browser.
export const cookie = await tickets.store({
  subjectId: "alice",
  sessionId: "s1",
  clients: ["shop"],
});
export const session = (await tickets.retrieve(cookie)) ?? fail();
export const requestSession = await new Promise<Express.Request["rollcall"]>((resolve, reject) => {
  const request: { headers: object; rollcall?: Express.Request["rollcall"] } = { headers: {} };
  const response = { headersSent: false, getHeader: () => undefined, setHeader() {} };
  sessionCookie({ tickets, coordination })(request, response, () => {
    request.rollcall === undefined ? reject(new Error("no session")) : resolve(request.rollcall);
  });
});
export const checkPassword = async (_form: unknown) => ({ id: "alice", name: "Alice Ng" });

// The provider's registries, keys and callers.
export const registry = { find: (clientId: string) => ({ clientId }) };
export const directory = { find: (_id: SubjectIdentifier, _issuer: string) => "alice" };
export const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const signingKeys: SigningKey[] = [
  { ...privateKey.export({ format: "jwk" }), kid: "2026", alg: "ES256" },
];
export const authorize = () => ({ actor: "carol", permissions: ["read" as const] });
export const issuerKeys = new Map<string, IssuerKeys>();
export const remember = (_token: string, _until: Date) => true;
export const issuer = "https://id.example.com";
export const audience = `${issuer}/admin`;
export const issuerKeySet: IssuerKeys = { keys: [] };
export const cookieOf = (_request: Request) => cookie;
export const secondsToWait = (_actor: string) => undefined;
export const secret = "a".repeat(32);
export const request = new Request("https://id.example.com/", { method: "POST" });

// Databases.
export const kysely = new Kysely({
  dialect: libsqlDialect(createLibsqlClient({ url: ":memory:" })),
});
await migrate(kysely, { dialect: "sqlite" });
export const client = createClient();
export const databaseUrl = "postgresql://user:password@db.example/rollcall";
export declare const env: { DB: D1Client };

// The host.
export const ctx = { waitUntil: (_rest: Promise<unknown>) => {} };
export const localStorage = {
  getItem: (_key: string) => null,
  setItem(_key: string, _value: string) {},
};
export const test = (_name: string, _run: () => Promise<void>) => {};
export const myStores = () => memoryStores();
export const tracerProvider = trace.getTracerProvider();
export const meterProvider = metrics.getMeterProvider();
export const console = { log: (..._values: unknown[]) => {}, error: (..._values: unknown[]) => {} };

function fail(): never {
  throw new Error("not signed in");
}
