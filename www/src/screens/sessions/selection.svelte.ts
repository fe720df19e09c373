/**
 * The selected sessions. They stay selected on other pages.
 *
 * @module
 */

import { SvelteMap } from "svelte/reactivity";
import type { Session } from "../../api/types";

/** The API ends at most as many in one call. */
export const MOST_SELECTED = 500;

/** The key of a session on this page. Subjects can share a session id. */
export function keyOf({ subjectId, sessionId }: { subjectId: string; sessionId: string }): string {
  return JSON.stringify([subjectId, sessionId]);
}

/** Selected sessions by key. */
export class Selection {
  readonly #selected = new SvelteMap<string, Session>();
  /** Where a range begins. */
  #anchor: string | undefined;

  get size(): number {
    return this.#selected.size;
  }

  get sessions(): Session[] {
    return [...this.#selected.values()];
  }

  has(key: string): boolean {
    return this.#selected.has(key);
  }

  /** Selects a session or not. The result is false if too many would be selected. */
  set(session: Session, isSelected: boolean): boolean {
    const key = keyOf(session);
    this.#anchor = key;
    return this.#set(key, session, isSelected);
  }

  /** Does the same to all `rows` from the last one that was set up to this one. */
  setRange(session: Session, isSelected: boolean, rows: readonly Session[]): boolean {
    const keys = rows.map(keyOf);
    const to = keys.indexOf(keyOf(session));
    const from = this.#anchor === undefined ? -1 : keys.indexOf(this.#anchor);
    if (from < 0 || to < 0) return this.set(session, isSelected);
    const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    return this.setAll(range, isSelected);
  }

  setAll(sessions: readonly Session[], isSelected: boolean): boolean {
    return sessions.every((session) => this.#set(keyOf(session), session, isSelected));
  }

  clear(): void {
    this.#selected.clear();
    this.#anchor = undefined;
  }

  #set(key: string, session: Session, isSelected: boolean): boolean {
    if (!isSelected) {
      this.#selected.delete(key);
      return true;
    }
    if (this.#selected.has(key)) return true;
    if (this.#selected.size >= MOST_SELECTED) return false;
    this.#selected.set(key, session);
    return true;
  }
}
