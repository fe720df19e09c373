// The work that is interrupted by a kill, and the required result after it was repeated.
import { grant, notification, session } from "../stores/samples.mjs";

/** The current time, in epoch milliseconds. */
export const NOW = 2_000_000_000_000;

/** The registrations of the clients, without their addresses. */
export const CLIENTS = {
  shop: { backChannelLogoutBy: "subject" },
  forum: { coordinateLifetimeWithUserSession: false },
  bank: { backChannelLogoutSessionRequired: true },
};

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {boolean} atomic whether the host has a transaction for removals
 * @property {string[]} operations the work that is interrupted
 * @property {string[]} again the work that is repeated, possibly after a delivery
 * @property {Partial<import("./worker.mjs").Job>} job the arguments of the operations
 * @property {object[]} ending sessions that must be removed
 * @property {object[]} staying sessions that must remain
 * @property {object[]} revoked grants that must be removed
 * @property {object[]} valid grants that must remain
 * @property {object[]} [recorded] due notifications
 * @property {string[]} notified the tokens that must arrive (`tokenName`)
 * @property {string[]} [unwilling] clients that reject their first token
 * @property {(step: import("./trap.mjs").Step) => boolean} [choose] the steps at which to kill; by
 *   default all
 */

function sessionOf(subjectId, number, clientIds, members = {}) {
  const clients = clientIds.map((clientId) =>
    clientId === "bank" ? { clientId, sessionId: bankSid(subjectId, number) } : { clientId },
  );
  return session(`${subjectId} ${number}`, {
    subjectId,
    created: NOW - 1_000_000 + number,
    clients,
    ...members,
  });
}

/** The bank has its own `sid`. */
function bankSid(subjectId, number) {
  return `the bank's ${number} of ${subjectId}`;
}

/** The type of the tokens of each client. */
const TOKEN_TYPES = { shop: "refresh_token", forum: "reference_token", bank: "authorization_code" };

/** One token for each client. */
function tokensOf({ key, subjectId, sessionId, clients }) {
  return clients.map(({ clientId }) =>
    grant(`${clientId}'s token of ${key}`, {
      subjectId,
      sessionId,
      clientId,
      type: TOKEN_TYPES[clientId],
    }),
  );
}

function consentOf(subjectId) {
  return grant(`consent ${subjectId}`, { subjectId, type: "user_consent" });
}

const BOB = sessionOf("bob", 0, ["shop", "forum", "bank"]);

function oneSession() {
  const ending = sessionOf("alice", 0, ["shop", "forum", "bank"]);
  const other = sessionOf("alice", 1, ["shop", "bank"]);
  return {
    name: "a removal of one session",
    atomic: true,
    operations: ["remove"],
    again: ["remove", "deliver"],
    job: { removal: { subjectId: "alice", sessionId: ending.sessionId } },
    ending: [ending],
    staying: [other, BOB],
    revoked: tokensOf(ending),
    valid: [...tokensOf(other), consentOf("alice"), ...tokensOf(BOB)],
    notified: [
      `shop / alice / ${ending.sessionId}`,
      `forum / alice / ${ending.sessionId}`,
      `bank / alice / ${bankSid("alice", 0)}`,
    ],
  };
}

/** The shop is notified by subject, the others by session. Every n-th session has tokens. */
function oneSubject({ atomic, count, atForum, atBank, haveTokens = 1, ...members }) {
  const ending = Array.from({ length: count }, (_, n) => {
    const clientIds = [
      ...(n < PAGE_SIZE ? ["shop"] : []),
      ...(atForum.includes(n) ? ["forum"] : []),
      ...(atBank.includes(n) ? ["bank"] : []),
    ];
    return sessionOf("alice", n, clientIds);
  });
  return {
    name: `a removal of a subject with ${count} sessions${withoutTransaction(atomic)}`,
    atomic,
    operations: ["remove"],
    again: ["remove", "deliver"],
    job: { removal: { subjectId: "alice" } },
    ending,
    staying: [BOB],
    revoked: [
      ...ending.filter((_, n) => n % haveTokens === 0).flatMap(tokensOf),
      consentOf("alice"),
    ],
    valid: [...tokensOf(BOB), consentOf("bob")],
    notified: [
      "shop / alice",
      ...atForum.map((n) => `forum / alice / sid of alice ${n}`),
      ...atBank.map((n) => `bank / alice / ${bankSid("alice", n)}`),
    ],
    ...(!atomic && { choose: isBeforeDelivery }),
    ...members,
  };
}

/**
 * Three sessions of two subjects have expired, and end two at a time. The forum doesn't coordinate,
 * so it keeps its tokens.
 */
function expiry(atomic) {
  const expired = { expires: NOW - 1_000 };
  const ending = [
    sessionOf("alice", 0, ["shop", "bank"], expired),
    sessionOf("alice", 1, ["shop"], expired),
    sessionOf("carol", 2, ["forum", "bank"], expired),
  ];
  const staying = [sessionOf("alice", 3, ["shop", "forum", "bank"], { expires: NOW + 1e10 }), BOB];
  const tokens = ending.flatMap(tokensOf);
  return {
    name: `an expiry pass${withoutTransaction(atomic)}`,
    atomic,
    operations: ["expire"],
    again: ["expire", "deliver"],
    job: { batchSize: 2 },
    ending,
    staying,
    revoked: tokens.filter(({ clientId }) => clientId !== "forum"),
    valid: [...tokens.filter(({ clientId }) => clientId === "forum"), ...staying.flatMap(tokensOf)],
    notified: ending.flatMap(({ subjectId, sessionId, clients }) =>
      clients.map(
        (client) => `${client.clientId} / ${subjectId} / ${client.sessionId ?? sessionId}`,
      ),
    ),
    ...(!atomic && { choose: isBeforeDelivery }),
  };
}

/** The forum rejects its first token, and accepts the second attempt. */
function delivery() {
  const due = ["shop", "forum", "bank"].flatMap((clientId) =>
    ["alice", "carol"].map((subjectId) =>
      notification(`${clientId} of ${subjectId}`, {
        clientId,
        subjectId,
        sessionId: `sid of ${subjectId}`,
        created: NOW,
      }),
    ),
  );
  return {
    name: "a delivery pass",
    atomic: true,
    operations: ["deliver"],
    again: ["deliver"],
    job: {},
    ending: [],
    staying: [BOB],
    revoked: [],
    valid: tokensOf(BOB),
    recorded: due,
    notified: due.map(
      ({ clientId, subjectId, sessionId }) => `${clientId} / ${subjectId} / ${sessionId}`,
    ),
    unwilling: ["forum"],
  };
}

/** Without a transaction, only the calls before the delivery differ. */
function isBeforeDelivery({ step }) {
  return !/^(?:clients|sendLogout|outbox\.settle)/.test(step);
}

/** The number of sessions that end in one step without a transaction. */
const PAGE_SIZE = 200;

function withoutTransaction(atomic) {
  return atomic ? "" : ", without a transaction";
}

/** Three pages, with the shop only in the first one. */
const threePages = oneSubject({
  atomic: false,
  count: 401,
  atForum: [199, 200],
  atBank: [0, 250, 400],
  haveTokens: 20,
  choose: ({ step }) => /^(?:sessions\.list|outbox\.add|sessions\.remove)$/.test(step),
});

/** The interrupted work, with its scenarios. */
export const OPERATIONS = {
  "a removal": [
    oneSession(),
    oneSubject({ atomic: true, count: 4, atForum: [0, 2], atBank: [1, 2] }),
    oneSubject({ atomic: false, count: 4, atForum: [0, 2], atBank: [1, 2] }),
    threePages,
  ],
  "an expiry pass": [expiry(true), expiry(false)],
  "a delivery pass": [delivery()],
};
