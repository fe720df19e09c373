/**
 * The purges of this tab. They survive a reload in `sessionStorage`, so that their reports can be
 * reached again, and a stopped one can be continued.
 *
 * @module
 */

import type { PurgeNumbers } from "../texts";
import { hashOf } from "./address.svelte";
import { connection } from "./connection.svelte";

/** A purge that has begun. */
export interface PurgeRecord {
  id: string;
  /** The administrator who runs it. */
  owner: string;
  /** The query of its address, with the filter. */
  query: string;
  /** When it began. */
  at: string;
  phase: "running" | "stopped" | "done";
  /** Whether the user gave up on the sessions that are left. */
  isAbandoned: boolean;
  numbers: PurgeNumbers;
  /** Its state, which only its screen reads. */
  contents: unknown;
}

const PREFIX = "rollcall-console-purge ";
/** The maximum number of purges that are kept. */
const MOST = 5;

class PurgeLog {
  /** The newest first. */
  #records = $state.raw<readonly PurgeRecord[]>(readAll());

  /** The purges of the signed-in administrator, newest first. */
  get records(): readonly PurgeRecord[] {
    const owner = ownerNow();
    return this.#records.filter((record) => record.owner === owner);
  }

  find(id: string): PurgeRecord | undefined {
    return this.records.find((record) => record.id === id);
  }

  /** An id for another purge. */
  newId(): string {
    return String(Math.max(0, ...this.#records.map(({ id }) => Number(id))) + 1);
  }

  /** Adds a purge, or replaces what is known about it. */
  put(given: Omit<PurgeRecord, "owner">): void {
    const record = { ...given, owner: ownerNow() };
    const others = this.#records.filter(({ id }) => id !== record.id);
    const sorted = [record, ...others].sort((a, b) => Number(b.id) - Number(a.id));
    this.#records = sorted.slice(0, MOST);
    for (const { id } of sorted.slice(MOST)) sessionStorage.removeItem(`${PREFIX}${id}`);
    try {
      sessionStorage.setItem(`${PREFIX}${record.id}`, JSON.stringify(record));
    } catch {
      // Storage is full or forbidden, so this purge is lost with the page.
    }
  }
}

/** The address of a purge. */
export function purgeRunHash({ id, query }: { id: string; query: string }): string {
  return hashOf(["purge", id], new URLSearchParams(query));
}

/** The administrator in this browser: other consoles at this origin have other purges. */
function ownerNow(): string {
  const { state, isDemo } = connection;
  if (state.name !== "ready") return "";
  return `${isDemo ? "demo" : location.pathname} ${state.me.actor}`;
}

function readAll(): readonly PurgeRecord[] {
  try {
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => {
        const record: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
        return isRecord(record) ? record : [];
      })
      .sort((a, b) => Number(b.id) - Number(a.id));
  } catch {
    // Storage is forbidden, or a value is damaged.
    return [];
  }
}

function isRecord(value: unknown): value is PurgeRecord {
  const { id, owner, query, at, phase, numbers } = Object(value);
  const strings: unknown[] = [owner, query, at, phase];
  const counts: unknown[] = Object.values(Object(numbers));
  return (
    /^\d+$/.test(String(id)) &&
    strings.every((member) => typeof member === "string") &&
    counts.length > 0
  );
}

/** The purges of this tab. */
export const purgeLog = new PurgeLog();
