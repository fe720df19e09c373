// Faults in stores that remove, in batches, entries that are no longer needed.
import { elsewhere, grantsWith, outboxWith, sessionsWith } from "./planting.mjs";

const FORGETS = "sessions: clears the devices of older sessions, and changes nothing else";
const EXPIRED = "grants: removes expired grants and no others";
const BOUNDS = "outbox: prunes delivered and failed entries with separate bounds";
const PENDING = "outbox: never prunes pending entries: new, leased or retried ones";

/** Makes a call read first and then remove. */
const counting = (look, remove) => async () => {
  const count = look();
  await elsewhere();
  remove();
  return count;
};

export const PRUNING_FAULTS = [
  {
    fault: "the devices of younger sessions are cleared too",
    case: FORGETS,
    plant: sessionsWith(({ forgetDevices }) => ({
      forgetDevices: (_, limit) => forgetDevices(Number.MAX_SAFE_INTEGER, limit),
    })),
  },
  {
    fault: "the device of a session exactly at the bound is cleared",
    case: FORGETS,
    plant: sessionsWith(({ forgetDevices }) => ({
      forgetDevices: (before, limit) => forgetDevices(before + 1, limit),
    })),
  },
  ...[
    ["only addresses are cleared", "userAgent"],
    ["only user agents are cleared", "ipAddress"],
  ].map(([fault, kept]) => ({
    fault,
    case: FORGETS,
    plant: sessionsWith(({ list, update, forgetDevices }) => ({
      forgetDevices: (before, limit) => {
        const { sessions } = list({ filter: {}, order: "oldest", limit: 1_000 });
        const count = forgetDevices(before, limit);
        for (const session of sessions) {
          if (session[kept] !== undefined) update(session.key, { [kept]: session[kept] });
        }
        return count;
      },
    })),
  })),
  {
    fault: "a session counts as renewed when its device is cleared",
    case: FORGETS,
    plant: sessionsWith(({ list, update, forgetDevices }) => ({
      forgetDevices: (before, limit) => {
        const count = forgetDevices(before, limit);
        const filter = { created: { before } };
        for (const { key } of list({ filter, order: "oldest", limit: 1_000 }).sessions) {
          update(key, { renewed: before });
        }
        return count;
      },
    })),
  },
  {
    fault: "sessions without a device are counted as cleared",
    case: FORGETS,
    plant: sessionsWith(({ count, forgetDevices }) => ({
      forgetDevices: (before, limit) => {
        const older = count({ created: { before } });
        forgetDevices(before, limit);
        return Math.min(older, limit);
      },
    })),
  },
  {
    fault: "devices are cleared regardless of the limit",
    case: "sessions: clears devices in batches",
    plant: sessionsWith(({ forgetDevices }) => ({
      forgetDevices: (before) => forgetDevices(before, 1_000),
    })),
  },
  {
    fault: "sessions that are older than the last bound are skipped",
    case: "sessions: clears a device that was added later, or on a session that was added later",
    plant: sessionsWith(({ forgetDevices }) => {
      let last = Number.NEGATIVE_INFINITY;
      return {
        forgetDevices: (before, limit) => {
          if (before <= last) return 0;
          last = before;
          return forgetDevices(before, limit);
        },
      };
    }),
  },
  {
    fault: "clearing the device of a removed session restores it",
    case: "sessions: never restores a removed session when it clears its device",
    plant: sessionsWith(({ list, create, get, forgetDevices }) => ({
      forgetDevices: async (before, limit) => {
        const { sessions } = list({ filter: {}, order: "oldest", limit: 1_000 });
        await elsewhere();
        for (const session of sessions) if (get(session.key) === undefined) create(session);
        return forgetDevices(before, limit);
      },
    })),
  },
  {
    fault: "a grant is removed before it has expired",
    case: EXPIRED,
    plant: grantsWith(({ removeExpired }) => ({
      removeExpired: (now, limit) => removeExpired(now + 1, limit),
    })),
  },
  {
    fault: "a grant remains at the instant of its expiry",
    case: EXPIRED,
    plant: grantsWith(({ removeExpired }) => ({
      removeExpired: (now, limit) => removeExpired(now - 1, limit),
    })),
  },
  {
    fault: "expired grants are removed regardless of the limit",
    case: EXPIRED,
    plant: grantsWith(({ removeExpired }) => ({
      removeExpired: (now) => removeExpired(now, 1_000),
    })),
  },
  {
    fault: "a grant without an expiry counts as expired",
    case: EXPIRED,
    plant: grantsWith(({ list, remove, removeExpired }) => ({
      removeExpired: (now, limit) => {
        const isKept = list({ clientIds: ["shop"] }).some(({ expires }) => expires !== undefined);
        const removed = removeExpired(now, limit);
        return removed + (isKept ? remove({ subjectId: "alice" }).tokens : 0);
      },
    })),
  },
  {
    fault: "an index still counts grants that have expired",
    case: EXPIRED,
    plant: grantsWith(({ count, removeExpired }) => {
      let expired = 0;
      return {
        removeExpired: (now, limit) => {
          const removed = removeExpired(now, limit);
          expired += removed;
          return removed;
        },
        count: (filter) => {
          const counts = count(filter);
          return filter.types === undefined
            ? counts
            : { ...counts, tokens: counts.tokens + expired };
        },
      };
    }),
  },
  {
    fault: "a grant is removed by its previous expiry",
    case: "grants: uses the current expiry of a grant",
    plant: grantsWith(({ store, get, removeExpired }) => ({
      store: (grant) => {
        const { expires } = get(grant.key) ?? {};
        store(expires === undefined ? grant : { ...grant, expires });
      },
      removeExpired,
    })),
  },
  {
    fault: "an expired grant is counted by each of several concurrent removals",
    case: "grants: counts each expired grant for only one of many concurrent removals",
    plant: grantsWith(({ list, removeExpired }) => ({
      removeExpired: (now, limit) =>
        counting(
          () =>
            Math.min(
              limit,
              list({ clientIds: ["shop"] }).filter(({ expires }) => expires <= now).length,
            ),
          () => removeExpired(now, limit),
        )(),
    })),
  },
  {
    fault: "failed entries are pruned by the bound for delivered ones",
    case: BOUNDS,
    plant: outboxWith(({ prune }) => ({
      prune: ({ delivered }, limit) => prune({ delivered, failed: delivered }, limit),
    })),
  },
  {
    fault: "delivered entries are pruned by the bound for failed ones",
    case: BOUNDS,
    plant: outboxWith(({ prune }) => ({
      prune: ({ failed }, limit) => prune({ delivered: failed, failed }, limit),
    })),
  },
  {
    fault: "an entry exactly at the bound is pruned",
    case: BOUNDS,
    plant: outboxWith(({ prune }) => ({
      prune: ({ delivered, failed }, limit) =>
        prune({ delivered: delivered + 1, failed: failed + 1 }, limit),
    })),
  },
  {
    fault: "a pruned entry is still listed by its subject",
    case: BOUNDS,
    plant: outboxWith(({ list, prune }) => {
      const pruned = [];
      return {
        list: (filter, ...page) => [
          ...list(filter, ...page),
          ...(filter.subjectId === undefined || filter.clientId !== undefined ? [] : pruned),
        ],
        prune: (...args) => {
          const before = list({});
          const count = prune(...args);
          const left = new Set(list({}).map(({ id }) => id));
          pruned.push(...before.filter(({ id }) => !left.has(id)));
          return count;
        },
      };
    }),
  },
  {
    fault: "a late result restores a pruned entry",
    case: BOUNDS,
    plant: outboxWith(({ add, list, settle }) => ({
      settle: (id, result, now) => {
        if (!list({}).some((entry) => entry.id === id)) {
          add([{ id, clientId: "shop", reason: "terminated", attempt: 0, created: now }]);
        }
        settle(id, result, now);
      },
    })),
  },
  {
    fault: "entries are pruned regardless of the limit",
    case: "outbox: prunes in batches",
    plant: outboxWith(({ prune }) => ({ prune: (before) => prune(before, 1_000) })),
  },
  {
    fault: "a retried entry is pruned like a failed one",
    case: PENDING,
    plant: outboxWith(({ list, retry, settle, prune }) => ({
      prune: (before, limit) => {
        const retried = list({ state: "pending" }).filter(({ error }) => error === "gone");
        for (const { id } of retried) settle(id, { state: "failed", error: "gone" }, 0);
        const count = prune(before, limit);
        for (const { id } of retried) retry(id, 1_200);
        return count;
      },
    })),
  },
  {
    fault: "a leased entry is pruned",
    case: PENDING,
    plant: outboxWith(({ claim, settle, prune }) => {
      const leased = new Set();
      return {
        claim: (request) => {
          const claimed = claim(request);
          for (const { id } of claimed) leased.add(id);
          return claimed;
        },
        settle: (id, ...args) => {
          leased.delete(id);
          settle(id, ...args);
        },
        prune: (before, limit) => {
          for (const id of leased) settle(id, { state: "failed", error: "lost" }, 0);
          return prune(before, limit);
        },
      };
    }),
  },
  {
    fault: "entries are pruned by the time they were first settled",
    case: "outbox: prunes by the last time that an entry was settled",
    plant: outboxWith(({ settle }) => {
      const first = new Map();
      return {
        settle: (id, result, now) => {
          if (!first.has(id)) first.set(id, now);
          settle(id, result, first.get(id));
        },
      };
    }),
  },
  {
    fault: "an id stays taken when its entry is pruned",
    case: "outbox: accepts a pruned id again",
    plant: outboxWith(({ add, list }) => {
      const taken = new Set();
      return {
        add: (entries) => {
          const known = new Set(list({}).map(({ id }) => id));
          add(entries.filter(({ id }) => known.has(id) || !taken.has(id)));
          for (const { id } of entries) taken.add(id);
        },
      };
    }),
  },
  {
    fault: "an entry is counted by each of several concurrent calls",
    case: "outbox: counts each entry for only one of many concurrent calls that prune",
    plant: outboxWith(({ list, prune }) => ({
      prune: (before, limit) =>
        counting(
          () => Math.min(limit, list({ state: "delivered" }).length),
          () => prune(before, limit),
        )(),
    })),
  },
];
