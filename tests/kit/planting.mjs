// Plants a fault in the stores that the documentation shows.
import assert from "node:assert/strict";
import { arrayStoresSource } from "./array-stores.mjs";

/** Lets other calls go first, as a call to a database does. */
export const elsewhere = () => new Promise((resolve) => setImmediate(resolve));

/** The sessions with some functions changed; `change` gets the right ones to build on. */
export const sessionsWith = (change) => (stores) => ({
  ...stores,
  sessions: { ...stores.sessions, ...change(stores.sessions) },
});

/** The same for the grants. */
export const grantsWith = (change) => (stores) => ({
  ...stores,
  grants: { ...stores.grants, ...change(stores.grants) },
});

/** The same for the outbox. */
export const outboxWith = (change) => (stores) => ({
  ...stores,
  outbox: { ...stores.outbox, ...change(stores.outbox) },
});

/** The same for the port that ends sessions as a set. */
export const atomicWith = (change) => (stores) => ({
  ...stores,
  atomic: { ...stores.atomic, ...change(stores.atomic, stores) },
});

/** A step, or a pick, that is changed on its way to the store. */
export const stepsBy = (change) =>
  atomicWith(({ clientsOf, endSessions }) => ({
    clientsOf: (pick) => clientsOf(change(pick)),
    endSessions: (step) => endSessions(change(step)),
  }));

/** What the notifications are made of, changed on its way to the store. */
export const noticesBy = (change) =>
  stepsBy(({ notify, ...step }) => (notify ? { ...step, notify: change(notify) } : step));

/** A result that is changed on its way back. */
export const resultsBy = (change) =>
  atomicWith(({ endSessions }) => ({
    endSessions: (step) => change(endSessions(step), step),
  }));

/** The stores with some places in their code changed, each given as the old and the new code. */
export const rewriting =
  (...changes) =>
  async () => {
    let source = arrayStoresSource;
    for (const [from, to] of changes) {
      const parts = source.split(from);
      assert.equal(parts.length, 2, `the code must have \`${from}\` once`);
      source = parts.join(to);
    }
    const url = `data:text/javascript,${encodeURIComponent(source)}`;
    return (await import(url)).arrayStores();
  };
