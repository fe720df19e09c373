// Plants a fault in the example stores of the documentation.
import assert from "node:assert/strict";
import { arrayStoresSource } from "./array-stores.mjs";

/** Lets other calls run first, as a call to a database does. */
export const elsewhere = () => new Promise((resolve) => setImmediate(resolve));

/** Replaces functions of the session store. `change` gets the original ones to build on. */
export const sessionsWith = (change) => (stores) => ({
  ...stores,
  sessions: { ...stores.sessions, ...change(stores.sessions) },
});

/** The same for the grant store. */
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

/** Changes a step or a pick on its way to the store. */
export const stepsBy = (change) =>
  atomicWith(({ clientsOf, endSessions }) => ({
    clientsOf: (pick) => clientsOf(change(pick)),
    endSessions: (step) => endSessions(change(step)),
  }));

/** Changes the data of the notifications on its way to the store. */
export const noticesBy = (change) =>
  stepsBy(({ notify, ...step }) => (notify ? { ...step, notify: change(notify) } : step));

/** Changes a result on its way back. */
export const resultsBy = (change) =>
  atomicWith(({ endSessions }) => ({
    endSessions: (step) => change(endSessions(step), step),
  }));

/** Replaces places in the code of the stores, each given as the old and the new code. */
export const rewriting =
  (...changes) =>
  async () => {
    let source = arrayStoresSource;
    for (const [from, to] of changes) {
      const parts = source.split(from);
      assert.equal(parts.length, 2, `the code must contain \`${from}\` once`);
      source = parts.join(to);
    }
    const url = `data:text/javascript,${encodeURIComponent(source)}`;
    return (await import(url)).arrayStores();
  };
