// Stores that tell when there is something to deliver.

/**
 * The same stores; `tell` is called whenever notifications were recorded in the outbox, in
 * whichever way.
 */
export function onRecorded(stores, tell) {
  return {
    ...stores,
    outbox: {
      ...stores.outbox,
      add: async (entries) => {
        await stores.outbox.add(entries);
        if (entries.length > 0) await tell();
      },
    },
    // A removal that is one transaction records by itself.
    atomic: async (plan) => {
      const done = await stores.atomic(plan);
      if (plan.notifications.length > 0) await tell();
      return done;
    },
  };
}
