// Stores that report when there is something to deliver.

/** The same stores; `report` is called whenever notifications were recorded in the outbox. */
export function onRecorded(stores, report) {
  const outbox = {
    ...stores.outbox,
    add: async (entries) => {
      await stores.outbox.add(entries);
      if (entries.length > 0) await report();
    },
  };
  const atomic = {
    ...stores.atomic,
    // It still covers the outbox, which records in the same place.
    covers: { ...stores.atomic.covers, outbox },
    endSessions: async (step) => {
      const done = await stores.atomic.endSessions(step);
      if (done.recorded > 0) await report();
      return done;
    },
  };
  return { ...stores, outbox, atomic };
}
