// What is going on when a process is killed, and what must have come of it once the work was done
// again.
import { grant, notification, session } from "../stores/samples.mjs";

/** When it happens: epoch milliseconds. */
export const NOW = 2_000_000_000_000;

/** The clients as they are registered, but for their addresses. */
export const CLIENTS = {
  shop: { backChannelLogoutBy: "subject" },
  forum: { coordinateLifetimeWithUserSession: false },
  bank: { backChannelLogoutSessionRequired: true },
};

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {boolean} atomic whether the host has a transaction for removals
 * @property {string[]} operations what is interrupted
 * @property {string[]} again what is done again; before it there may also be a delivery
 * @property {Partial<import("./worker.mjs").Job>} job what the operations need to know
 * @property {object[]} ending sessions that must be gone
 * @property {object[]} staying sessions that must be there
 * @property {object[]} revoked grants that must be gone
 * @property {object[]} valid grants that must be there
 * @property {object[]} [recorded] notifications that are due
 * @property {string[]} told the tokens that must have come (`tokenName`)
 * @property {string[]} [unwilling] clients that turn the first token away
 * @property {(step: import("./trap.mjs").Step) => boolean} [choose] at which steps to kill, if not
 * at each
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

/** The bank has a `sid` of its own. */
function bankSid(subjectId, number) {
  return `the bank's ${number} of ${subjectId}`;
}

/** What of tokens each client gets. */
const TOKEN_TYPES = { shop: "refresh_token", forum: "reference_token", bank: "authorization_code" };

/** One at each client. */
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
    told: [
      `shop / alice / ${ending.sessionId}`,
      `forum / alice / ${ending.sessionId}`,
      `bank / alice / ${bankSid("alice", 0)}`,
    ],
  };
}

/**
 * The shop is notified of the subject, the others of each session. Every so many sessions have
 * tokens.
 */
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
    told: [
      "shop / alice",
      ...atForum.map((n) => `forum / alice / sid of alice ${n}`),
      ...atBank.map((n) => `bank / alice / ${bankSid("alice", n)}`),
    ],
    ...(!atomic && { choose: isBeforeDelivery }),
    ...members,
  };
}

/**
 * Three sessions of two subjects have expired, and go two at a time. The forum keeps its tokens,
 * for it does not coordinate.
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
    told: ending.flatMap(({ subjectId, sessionId, clients }) =>
      clients.map(
        (client) => `${client.clientId} / ${subjectId} / ${client.sessionId ?? sessionId}`,
      ),
    ),
    ...(!atomic && { choose: isBeforeDelivery }),
  };
}

/** The forum turns the first one away: it gets it at the second attempt. */
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
    told: due.map(
      ({ clientId, subjectId, sessionId }) => `${clientId} / ${subjectId} / ${sessionId}`,
    ),
    unwilling: ["forum"],
  };
}

/** Without a transaction, the calls up to the delivery differ. */
function isBeforeDelivery({ step }) {
  return !/^(?:clients|sendLogout|outbox\.settle)/.test(step);
}

/** How many sessions end in one step without a transaction. */
const PAGE_SIZE = 200;

function withoutTransaction(atomic) {
  return atomic ? "" : ", without a transaction";
}

/** Three pages, with the shop in the first one only. */
const threePages = oneSubject({
  atomic: false,
  count: 401,
  atForum: [199, 200],
  atBank: [0, 250, 400],
  haveTokens: 20,
  choose: ({ step }) => /^(?:sessions\.list|outbox\.add|sessions\.remove)$/.test(step),
});

/** What is interrupted, and in which scenarios. */
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
