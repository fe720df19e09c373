// A host and a database whose every step goes through a trap.

/** Every function that the host injects, except its clock. */
export function watchedHost({ now, atomic, ...host }, trap) {
  const watched = watchedMembers(host, trap, "");
  if (atomic === undefined) return { now, ...watched };
  const { covers: _, ...functions } = atomic;
  const { sessions, grants, outbox } = watched;
  const covers = { sessions, grants, outbox };
  return { now, ...watched, atomic: { ...watchedMembers(functions, trap, "atomic."), covers } };
}

function watchedMembers(members, trap, prefix) {
  const watched = Object.entries(members).map(([name, member]) => {
    const step = `${prefix}${name}`;
    if (typeof member === "function") {
      return [
        name,
        (...values) => trap.call(step, aboutCall(step, values), async () => member(...values)),
      ];
    }
    return [name, watchedMembers(member, trap, `${step}.`)];
  });
  return Object.fromEntries(watched);
}

/** The notification of a call. It tells which ones were not settled when the process died. */
function aboutCall(step, [first]) {
  if (step === "sendLogout")
    return { id: first.id, aud: first.claims.aud, sub: first.claims.sub, sid: first.claims.sid };
  if (step === "outbox.settle") return { id: first };
  return undefined;
}

/** A Kysely dialect whose statements are steps. `trapNow` returns the current trap. */
export function watchedDialect(dialect, trapNow) {
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (kysely) => dialect.createIntrospector(kysely),
    createDriver: () => watchedDriver(dialect.createDriver(), trapNow),
  };
}

function watchedDriver(driver, trapNow) {
  const watched = new WeakSet();
  const watch = (owner, name, wordsOf) => {
    const work = owner[name].bind(owner);
    owner[name] = (...values) => trapNow().statement(wordsOf(...values), () => work(...values));
  };
  watch(driver, "beginTransaction", () => "begin");
  watch(driver, "commitTransaction", () => "commit");
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async () => {
    const connection = await acquire();
    // Drivers return the same connection again.
    if (!watched.has(connection)) {
      watched.add(connection);
      watch(connection, "executeQuery", ({ sql }) => wordsOfStatement(sql));
    }
    return connection;
  };
  return driver;
}

function wordsOfStatement(sql) {
  const [, change, table] =
    /\b(insert|delete|update)\s+(?:into\s+|from\s+)?"(?:rollcall_)?(\w+)"/i.exec(sql) ?? [];
  return change === undefined ? "select" : `${change} ${table}`;
}
