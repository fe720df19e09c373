// @ts-check
/**
 * The peers that Rollcall is compared with, as the report describes them.
 *
 * @module
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} module the file in this folder that starts it
 * @property {string} database the prefix of the names of its databases
 * @property {string[]} packages the npm packages whose versions the report lists
 * @property {string} [table] the table with the sessions; default: all tables
 * @property {string} indexes
 * @property {string} measured
 * @property {string} lacks its missing features
 */

/** @type {Peer[]} */
export const PEERS = [
  {
    name: "better-auth",
    module: "better-auth",
    database: "peers_better_auth",
    packages: ["better-auth"],
    table: "session",
    indexes: "those of its own migrations",
    measured: `\`auth.api.getSession\` with a signed cookie, which reads the session and then the
    user; \`listUserSessions\` and \`revokeUserSessions\` of its admin plugin, which first read the
    session and the user of the administrator`,
    lacks: `has no list of all sessions, no pages, no count and no filters. It lists the sessions of
    one user, at most 100 by default; in the row above it returns all 50 at once. Without its OAuth
    provider plugin, a session has no clients and ending it notifies none; there is no outbox. It
    doesn't report how many sessions ended. A token is stored as the browser has it, and nothing is
    encrypted. The bytes don't include its users`,
  },
  {
    name: "connect-pg-simple",
    module: "connect-pg-simple",
    database: "peers_connect_pg_simple",
    packages: ["connect-pg-simple", "express-session"],
    table: "session",
    indexes: "those of its `table.sql`",
    measured: "`get` of the store, which the middleware of express-session calls",
    lacks: `finds a session only by its id. There is no list, no page, no count and no subject, so
    it can't end the sessions of a subject. It has no clients, no notifications and no outbox. The
    content of a session is JSON, not encrypted`,
  },
  {
    name: "oidc-provider",
    module: "oidc-provider",
    database: "peers_oidc_provider",
    packages: ["oidc-provider", "kysely"],
    indexes: `the primary key, and those of its example for MongoDB: grant, uid, user code and
    expiry`,
    measured: `\`Session.find\` over a plain adapter on Kysely with one table for all models, like
    its contributed examples`,
    lacks: `finds a session only by its id or uid. There is no list, no page and no count, and it
    can't end the sessions of a subject. It notifies the clients of one session, when its user signs
    out in the browser; without an outbox, a failed notification is lost. Its adapter doesn't
    encrypt data`,
  },
];
