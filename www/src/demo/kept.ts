/**
 * The sessions of the demo, kept in IndexedDB between visits.
 *
 * @module
 */

import { createStore, delMany, getMany, promisifyRequest } from "idb-keyval";
import type { MemoryContents } from "rollcall";
import { type MemoryStores, memoryStores } from "rollcall/memory";
import { inSlices } from "./turn";

/** The contents, and the number of sessions in the page's address. */
const CONTENTS = "rollcall-demo";
const COUNT = "rollcall-demo-sessions";

/** The name of the Web Lock of the tab that writes. */
export const LOCK = "rollcall-demo";

/** A fact about the kept sessions that the user should know. */
export type KeptNote =
  /** Those of the last visit can't be read, so new ones were made up. */
  | "damaged"
  /** The browser allows no storage. */
  | "unavailable"
  /** There are too many. */
  | "too_many";

/** Opened at the start, because a page that is being closed has no time for it. */
const open = createStore("keyval-store", "keyval");

export const keptNotes = new Set<KeptNote>();

/**
 * The stores of the last visit; `undefined` if there was none, or if the address now has another
 * number of sessions.
 */
export async function keptStores(count: number | undefined): Promise<MemoryStores | undefined> {
  try {
    const [contents, keptCount] = await getMany([CONTENTS, COUNT], open);
    if (contents == null || (count !== undefined && keptCount !== count)) return undefined;
    return await restored(contents);
  } catch (thrown) {
    // Storage rejects with a `DOMException`; anything else is about the contents.
    keptNotes.add(thrown instanceof DOMException ? "unavailable" : "damaged");
    return undefined;
  }
}

/** `memoryStores(contents)` would block the page for too long, so the rows follow in slices. */
async function restored({ sessions, grants, ...rest }: MemoryContents): Promise<MemoryStores> {
  const stores = memoryStores({
    ...rest,
    sessions: { ...sessions, rows: [] },
    grants: { ...grants, rows: [] },
  });
  await inSlices(sessions.rows, ({ session }) => stores.sessions.create(session));
  await inSlices(grants.rows, ({ grant: { created, expires, consumed, ...grant } }) =>
    stores.grants.store({
      ...grant,
      created: new Date(created),
      ...(expires !== undefined && { expires: new Date(expires) }),
      ...(consumed !== undefined && { consumed: new Date(consumed) }),
    }),
  );
  return stores;
}

/** Keeps the contents for the next visit. The demo works without storage. */
export async function keepContents(contents: MemoryContents, count: number): Promise<void> {
  try {
    await open("readwrite", (store) => {
      store.put(contents, CONTENTS);
      store.put(count, COUNT);
      // A page that is closed aborts its uncommitted transaction.
      store.transaction.commit();
      return promisifyRequest(store.transaction);
    });
  } catch {
    noteUnavailable();
  }
}

/** Removes the kept contents. */
export async function forgetContents(): Promise<void> {
  await delMany([CONTENTS, COUNT], open).catch(noteUnavailable);
}

function noteUnavailable(): void {
  keptNotes.add("unavailable");
}
