// Faults in the notifications that a step records.
import { noticesBy, resultsBy, rewriting, stepsBy } from "../planting.mjs";
import { RECORD, without } from "./code.mjs";

const BY_SESSION =
  "atomic: notifies a client by session, with its own session id or that of the session";
const BY_SUBJECT = "atomic: notifies a client by subject once for each subject and issuer";
const LAST_ROW = "atomic: uses the last ended session of the client in an id by subject";
const WAYS = "atomic: records a notification for each way of a client, and none without ways";
const OTHERS = "atomic: notifies unlisted clients only if `others` is set";
const RETURNED = "atomic: returns as many of the recorded notifications as requested";
const RECORDED_ALREADY = "atomic: keeps a recorded notification unchanged, and doesn't count it";

/** The end of a notification's id. */
const ID_FROM = "by, id, clientId].join";

/** The same, with another value instead of the row id if a client is notified by subject. */
const idBySubject = (other) => `by, by === "subject" ? ${other} : id, clientId].join`;

/** Adds a function that finds the highest row id of a subject's or a client's sessions. */
const LATEST = [
  "  const noticesOf = ",
  `  const latest = (some, subjectId, clientId) => {
    const isMeant = ({ session }) =>
      session.subjectId === subjectId &&
      (!clientId || session.clients.some((client) => client.clientId === clientId));
    return Math.max(...some.filter(isMeant).map(({ id }) => id));
  };
  const noticesOf = `,
];

export const NOTICES = [
  {
    fault: "a client's own session id is ignored",
    case: BY_SESSION,
    plant: rewriting(
      ["sessionId = session.sessionId }", "_, sessionId = session.sessionId }"],
      [
        'if (by === "session") entry.sessionId = sessionId;',
        'if (by === "session") entry.sessionId = session.sessionId;',
      ],
    ),
  },
  {
    fault: "a notification by session lacks the session id of its session",
    case: BY_SESSION,
    plant: rewriting(["sessionId = session.sessionId }", "sessionId }"]),
  },
  ...[
    [
      "logoutUri",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, subjectId, issuer }",
    ],
    [
      "subjectId",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, logoutUri, issuer }",
    ],
    [
      "issuer",
      "kind, clientId, logoutUri, subjectId, issuer }",
      "kind, clientId, logoutUri, subjectId }",
    ],
  ].map(([name, from, to]) => ({
    fault: `a step records notifications without \`${name}\``,
    case: BY_SESSION,
    plant: rewriting([from, to]),
  })),
  {
    fault: "a step always gives the same reason",
    case: BY_SESSION,
    plant: noticesBy((notify) => ({ ...notify, reason: "terminated" })),
  },
  {
    fault: "a step records a wrong time",
    case: BY_SESSION,
    plant: noticesBy((notify) => ({ ...notify, created: 1_000 })),
  },
  {
    fault: "a client is notified of sessions that remain",
    case: BY_SESSION,
    plant: rewriting(["noticesOf(ended, notify)", "noticesOf(rows, notify)"]),
  },
  {
    fault: "a client is notified by session instead of by subject",
    case: BY_SUBJECT,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.map((client) => ({ ...client, by: "session" })),
    })),
  },
  {
    fault: "a notification by subject names a session",
    case: BY_SUBJECT,
    plant: rewriting(['if (by === "session") entry.sessionId', "entry.sessionId"]),
  },
  {
    fault: "a client is notified by subject only once for all issuers",
    case: BY_SUBJECT,
    plant: rewriting(["[id] : [subjectId, issuer]", "[id] : [subjectId]"]),
  },
  {
    fault: "a client is notified by subject only once for all subjects",
    case: BY_SUBJECT,
    plant: rewriting(["[id] : [subjectId, issuer]", "[id] : [issuer]"]),
  },
  {
    fault: "a notification by subject names the first session",
    case: LAST_ROW,
    plant: rewriting([
      'inOrder("oldest", {}).filter((row) => ended.includes(row))',
      'inOrder("newest", {}).filter((row) => ended.includes(row))',
    ]),
  },
  {
    fault: "a notification by subject names the last session, regardless of its clients",
    case: LAST_ROW,
    plant: rewriting([ID_FROM, idBySubject("latest(ended, subjectId)")], LATEST),
  },
  {
    fault: "a notification by subject names a session that remains",
    case: LAST_ROW,
    plant: rewriting([ID_FROM, idBySubject("latest(rows, subjectId, clientId)")], LATEST),
  },
  {
    fault: "a notification by subject names the last session in the order of the step",
    case: "atomic: uses the last created session in an id by subject, in every order of the step",
    plant: rewriting(['of inOrder("oldest", {}).filter((row) => ended.includes(row))', "of ended"]),
  },
  {
    fault: "a client is notified by subject only once in all steps",
    case: "atomic: notifies by subject once per step",
    plant: rewriting([ID_FROM, idBySubject("subjectId")]),
  },
  {
    fault: "the id of a notification contains the session id, not the row id",
    case: "atomic: notifies two subjects with the same session id, each of its own session",
    plant: rewriting([ID_FROM, "by, session.sessionId, clientId].join"]),
  },
  {
    fault: "a client is notified in only one way",
    case: WAYS,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.map(({ ways, ...client }) => ({ ...client, ways: ways.slice(0, 1) })),
    })),
  },
  {
    fault: "a client without ways is notified like unlisted clients",
    case: WAYS,
    plant: noticesBy(({ clients, ...notify }) => ({
      ...notify,
      clients: clients.filter(({ ways }) => ways.length > 0),
    })),
  },
  {
    fault: "the kind of a notification is lost when it is recorded",
    case: WAYS,
    plant: rewriting([
      "kind, clientId, logoutUri, subjectId, issuer }",
      "clientId, logoutUri, subjectId, issuer }",
    ]),
  },
  {
    fault: "security events have the ids of logout tokens",
    case: WAYS,
    plant: rewriting(['["event"]', "[]"]),
  },
  {
    fault: "listed clients that weren't participants of a session are notified",
    case: WAYS,
    plant: rewriting(["of session.clients) {", "of ended[0].session.clients.concat(clients)) {"]),
  },
  {
    fault: "unlisted clients are always notified",
    case: OTHERS,
    plant: noticesBy((notify) => ({ ...notify, others: true })),
  },
  {
    fault: "unlisted clients are never notified",
    case: OTHERS,
    plant: noticesBy((notify) => ({ ...notify, others: false })),
  },
  {
    fault: "unlisted clients get the address of a listed one",
    case: OTHERS,
    plant: rewriting([
      'others ? [{ kind: "logout" }] : []',
      'others ? [{ kind: "logout", logoutUri: clients[0]?.ways[0]?.logoutUri }] : []',
    ]),
  },
  {
    fault: "a step returns all notifications that it recorded",
    case: RETURNED,
    plant: noticesBy((notify) => ({ ...notify, returned: 1_000 })),
  },
  {
    fault: "a step returns none of the notifications that it recorded",
    case: RETURNED,
    plant: noticesBy((notify) => ({ ...notify, returned: 0 })),
  },
  {
    fault: "a step counts only the notifications that it returns",
    case: RETURNED,
    plant: resultsBy((result) => ({ ...result, recorded: result.notifications.length })),
  },
  {
    fault: "a step returns a notification several times",
    case: RETURNED,
    plant: resultsBy((result) => ({
      ...result,
      notifications: result.notifications.map(() => result.notifications[0]),
    })),
  },
  {
    fault: "a step ignores the earliest claim time of a notification",
    case: "atomic: records the earliest claim time of a notification",
    plant: noticesBy(without("notBefore")),
  },
  {
    fault: "client ids are escaped in the ids of notifications",
    case: "atomic: makes the ids of notifications from unchanged client ids",
    plant: rewriting([ID_FROM, "by, id, encodeURIComponent(clientId)].join"]),
  },
  {
    fault: "client ids are compared ignoring case",
    case: "atomic: makes the ids of notifications from unchanged client ids",
    plant: rewriting([
      "(client) => client.clientId === clientId) ?? unlisted",
      "(client) => client.clientId.toLowerCase() === clientId.toLowerCase()) ?? unlisted",
    ]),
  },
  {
    fault: "the ids of notifications contain the positions",
    case: "atomic: makes the ids of notifications from the row ids of every list",
    plant: rewriting(
      ["for (const { id, session } of inOrder", "for (const [{ session }, id] of inOrder"],
      [
        ".filter((row) => ended.includes(row))) {",
        '.filter((row) => ended.includes(row)).map((row) => [row, positionOf("oldest", row)])) {',
      ],
    ),
  },
  {
    fault: "a step counts notifications that already existed",
    case: RECORDED_ALREADY,
    plant: rewriting([
      RECORD,
      "const recorded = notify ? noticesOf(ended, notify) : [];\n        addAll(recorded);",
    ]),
  },
  {
    fault: "a step overwrites notifications that already existed",
    case: RECORDED_ALREADY,
    plant: rewriting([
      RECORD,
      `const ids = noticesOf(ended, notify).map(({ id }) => id);
        notifications = notifications.filter(({ entry }) => !ids.includes(entry.id));
        ${RECORD}`,
    ]),
  },
  {
    fault: "a step notifies clients without `notify`",
    case: "atomic: records nothing without sessions, and nothing without `notify`",
    plant: stepsBy((step) => ({
      notify: { clients: [], others: true, reason: "terminated", created: 0, returned: 9 },
      ...step,
    })),
  },
  {
    fault: "a step notifies only the clients that a session was created with",
    case: "atomic: notifies the clients that a session has when it ends",
    plant: rewriting(
      [
        "session: structuredClone(session) }]",
        "session: structuredClone(session), clients: structuredClone(session.clients) }]",
      ],
      [
        "for (const { id, session } of inOrder",
        "for (const { id, session, clients: first } of inOrder",
      ],
      ["of session.clients) {", "of first) {"],
    ),
  },
  {
    fault: "a step records at most a thousand notifications",
    case: "atomic: records thousands of notifications",
    plant: rewriting([
      "addAll(noticesOf(ended, notify))",
      "addAll(noticesOf(ended, notify).slice(0, 1_000))",
    ]),
  },
];
