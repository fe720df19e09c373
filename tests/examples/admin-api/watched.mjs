/**
 * Rollcall's exports that `examples/admin-api/admin.mjs` imports. They also print when a removal
 * starts and when a client disconnects.
 *
 * @module
 */

import * as http from "rollcall/http";
import * as sql from "rollcall/sql";

export const { eventFeed, staticSecret } = http;
export const { libsqlDialect, migrate } = sql;

/** Prints when a caller or a reader of events disconnects. */
export function adminApi({ authorize, events, ...options }) {
  return http.adminApi({
    ...options,
    authorize: (request, permission) => {
      request.signal.addEventListener("abort", () => console.log("a caller disconnected"));
      return authorize(request, permission);
    },
    events: {
      subscribe: (subscription) => {
        subscription.signal.addEventListener("abort", () => console.log("a reader disconnected"));
        return events.subscribe(subscription);
      },
    },
  });
}

/** Prints when a removal reaches the store. */
export function sqlStores(...given) {
  const stores = sql.sqlStores(...given);
  const endSessions = (step) => {
    console.log("a removal started");
    return stores.atomic.endSessions(step);
  };
  return { ...stores, atomic: { ...stores.atomic, endSessions } };
}
