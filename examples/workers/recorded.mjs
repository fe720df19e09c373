// Stores that report when notifications are recorded.

/** Returns the same stores, which call `report` after they record notifications in the outbox. */
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
    // Still covers the new outbox, which uses the same tables.
    covers: { ...stores.atomic.covers, outbox },
    endSessions: async (step) => {
      const done = await stores.atomic.endSessions(step);
      if (done.recorded > 0) await report();
      return done;
    },
  };
  return { ...stores, outbox, atomic };
}
