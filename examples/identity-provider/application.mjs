// @ts-check
/**
 * Starts Rollcall, the identity provider, and the applications that sign users in through it.
 *
 * @module
 */

/** @import { Host } from "rollcall" */
/** @import { AuditLog } from "../audit-log/audit-log.mjs" */
/** @import { RelyingParty } from "./clients.mjs" */
/** @import { LoopbackServer } from "./web/server.mjs" */

import { createRemoteJWKSet } from "jose";
import { LogoutDelivery, SessionCoordination, SessionManagement, TicketStore } from "rollcall";
import { eventFeed } from "rollcall/http";
import { backChannelSender } from "rollcall/logout";
import { Accounts } from "./accounts.mjs";
import { clientLookup, RELYING_PARTIES, relyingParty } from "./clients.mjs";
import { madeUpApplication, madeUpClients } from "./made-up/clients.mjs";
import { identityProvider } from "./provider/application.mjs";
import { cookieValue } from "./provider/cookie-value.mjs";
import { ABSOLUTE_LIFETIME, COORDINATION } from "./provider/coordination.mjs";
import { relyingPartyApplication } from "./relying-party/application.mjs";
import { openSecrets, openToken } from "./secrets.mjs";
import { Servers } from "./web/ports.mjs";

/**
 * The stores of a host. The identity provider itself writes to `grants`, so it's required.
 *
 * @typedef {Pick<Host, "sessions" | "outbox" | "atomic"> & Required<Pick<Host, "grants">>}
 * HostStores
 */

/**
 * @typedef {object} Running
 * @property {string} issuer
 * @property {RelyingParty[]} relyingParties
 * @property {() => Promise<void>} stop
 */

/**
 * Starts everything.
 *
 * @param {object} options
 * @param {HostStores} options.stores
 * @param {AuditLog} options.audit
 * @param {string} options.secretsFile
 * @param {string} [options.tokenFile] contains the token with which programs call the admin API.
 *   Without it programs can't call the API
 * @param {number | undefined} options.port of the identity provider; the other servers use the next
 *   ones. 0: any free ports. Default: the usual ports, or the next free ones
 * @param {boolean} options.endsExpired whether expired sessions are ended
 * @param {(line: string) => void} options.log receives a line for each port that is taken
 * @returns {Promise<Running>}
 */
export async function start({ port, log, ...options }) {
  const servers = await Servers.open(2 + Object.keys(RELYING_PARTIES).length, port, log);
  try {
    return await startOn(servers, options);
  } catch (error) {
    await servers.close();
    throw error;
  }
}

/**
 * @typedef {object} StartOptions the options of `start`
 * @property {HostStores} stores
 * @property {AuditLog} audit
 * @property {string} secretsFile
 * @property {string} [tokenFile]
 * @property {boolean} endsExpired
 */

/**
 * @param {Servers} servers
 * @param {StartOptions} options
 * @returns {Promise<Running>}
 */
async function startOn(servers, { stores, audit, secretsFile, tokenFile, endsExpired }) {
  const secrets = await openSecrets(secretsFile, Object.keys(RELYING_PARTIES));
  const accounts = await Accounts.open();

  const providerServer = servers.next();
  const issuer = `http://127.0.0.1:${providerServer.port}`;
  /** @type {{ client: RelyingParty, server: LoopbackServer }[]} */
  const applications = [];
  for (const [clientId, name] of Object.entries(RELYING_PARTIES)) {
    const server = servers.next();
    applications.push({ client: relyingParty(clientId, name, server.port), server });
  }
  const relyingParties = applications.map(({ client }) => client);
  const madeUpServer = servers.next();
  const clients = clientLookup(
    relyingParties,
    madeUpClients(`http://127.0.0.1:${madeUpServer.port}`),
  );

  const events = eventFeed();
  /** @type {Host} */
  const host = {
    ...stores,
    clients,
    onEvent: (event) => {
      events.publish(event);
      audit.record(event);
    },
    issuers: [issuer],
    absoluteLifetime: ABSOLUTE_LIFETIME,
    // Don't set `allowInsecure` in production. Here every client is on this machine.
    sendLogout: backChannelSender({
      issuer,
      signingKeys: secrets.signingKeys,
      allowInsecure: true,
    }),
  };
  const management = new SessionManagement(host);
  const delivery = new LogoutDelivery(host);
  const coordination = new SessionCoordination(host, COORDINATION);
  const keys = secrets.ticketKeys;
  const tickets = new TicketStore(host, { keys });
  // It opens tickets, so the console uses the other one.
  const sessions = new SessionManagement(host, { keys });

  const provider = identityProvider({
    issuer,
    accounts,
    relyingParties,
    management,
    delivery,
    events,
    token: tokenFile === undefined ? undefined : await openToken(tokenFile),
    coordination,
    stores: { sessions, grants: stores.grants, tickets, cookieValue, issuer },
    signingKeys: secrets.signingKeys,
    cookieKeys: secrets.cookieKeys,
    clientSecrets: secrets.clientSecrets,
  });
  providerServer.serve(provider.callback());
  madeUpServer.serve(
    madeUpApplication({ issuer, keys: createRemoteJWKSet(new URL(`${issuer}/jwks`)) }).callback(),
  );
  for (const { client, server } of applications) {
    const clientSecret = secrets.clientSecrets[client.clientId];
    if (clientSecret === undefined)
      throw new Error(`\`${secretsFile}\` has no secret for \`${client.clientId}\``);
    server.serve((await relyingPartyApplication({ issuer, client, clientSecret })).callback());
  }
  const runners = [delivery.start()];
  if (endsExpired) runners.push(coordination.start());
  return {
    issuer,
    relyingParties,
    stop: async () => {
      await servers.close();
      await Promise.all(runners.map((runner) => runner.stop()));
    },
  };
}
