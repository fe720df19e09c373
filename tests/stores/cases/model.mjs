// What a session store must answer, worked out over a plain array: the slow and obvious way.

/** Whether a session matches a filter. Texts are compared by code unit. */
export function matches(filter, session) {
  const { subjectId, sessionId, displayName, search, clientId, issuer, ipAddress } = filter;
  const name = session.displayNameFolded;
  return (
    matchesText(subjectId, session.subjectId) &&
    matchesText(sessionId, session.sessionId) &&
    (displayName === undefined || (name !== undefined && matchesText(displayName, name))) &&
    (search === undefined ||
      session.subjectId === search.id ||
      session.sessionId === search.id ||
      (name?.includes(search.name) ?? false)) &&
    (clientId === undefined || session.clients.some((client) => client.clientId === clientId)) &&
    (issuer === undefined || session.issuer === issuer) &&
    (ipAddress === undefined || session.ipAddress === ipAddress) &&
    isWithin(filter.created, session.created) &&
    isWithin(filter.renewed, session.renewed) &&
    isWithin(filter.expires, session.expires) &&
    (filter.activeAt === undefined || session.expires === undefined || session.expires > filter.activeAt) &&
    (filter.expiredAt === undefined || (session.expires !== undefined && session.expires <= filter.expiredAt))
  );
}

function matchesText(wanted, text) {
  if (wanted === undefined) return true;
  if ("equals" in wanted) return text === wanted.equals;
  return "startsWith" in wanted ? text.startsWith(wanted.startsWith) : text.includes(wanted.contains);
}

function isWithin(range, time) {
  if (range === undefined) return true;
  return (
    time !== undefined &&
    (range.after === undefined || range.after <= time) &&
    (range.before === undefined || time < range.before)
  );
}

/** The sessions that match, in this order. `rows` are in the order in which they were created. */
export function listed(rows, filter, order) {
  const found = rows.filter((row) => matches(filter, row) && (order !== "expiry" || row.expires !== undefined));
  const time = order === "expiry" ? (row) => row.expires : (row) => row.created;
  const sorted = found.map((row) => [row, rows.indexOf(row)]).sort(([a, i], [b, j]) => time(a) - time(b) || i - j);
  const inOrder = sorted.map(([row]) => row);
  return order === "newest" ? inOrder.reverse() : inOrder;
}
