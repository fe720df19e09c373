// The contents of the memory stores, exported and imported. Only compiled, never run.

import { type Host, type MemoryContents, SessionManagement } from "rollcall";
import { type MemoryStores, memoryContents, memoryStores } from "rollcall/memory";

/** Exports them, as a page does. */
export function save(stores: MemoryStores): string {
  const contents: MemoryContents = memoryContents(stores);
  const { version, sessions, grants, outbox } = contents;
  const isFirst: boolean = version === 1;
  const [row] = sessions.rows;
  console.log(isFirst, sessions.next, row?.number, row?.session.subjectId);
  const issued: number | undefined = grants.rows[0]?.grant.created;
  const state: "pending" | "delivered" | "failed" | undefined = outbox.rows[0]?.state;
  console.log(issued, state, outbox.rows[0]?.notification.clientId, outbox.rows[0]?.at);
  return JSON.stringify(contents);
}

/** And imports them again. */
export function load(text: string | undefined): SessionManagement {
  const contents: MemoryContents | undefined = text === undefined ? undefined : JSON.parse(text);
  const host: Host = { ...memoryStores(contents) };
  return new SessionManagement(host);
}

memoryStores(undefined);
memoryStores(null);
// @ts-expect-error: no such version
memoryStores({ version: 2 });
// @ts-expect-error: an object
memoryStores("{}");
// @ts-expect-error: only stores have contents
memoryContents({});
// @ts-expect-error: contents aren't stores
memoryContents(memoryContents(memoryStores()));
