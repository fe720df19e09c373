/**
 * The selected sessions. They stay selected on other pages.
 *
 * @module
 */

import { SvelteMap } from "svelte/reactivity";
import type { Session } from "../../api/types";

/** The maximum number of sessions that the API ends in one call. */
export const MOST_SELECTED = 500;

/** The key of a session. Session ids are only unique within a subject. */
export function keyOf({ subjectId, sessionId }: { subjectId: string; sessionId: string }): string {
  return JSON.stringify([subjectId, sessionId]);
}

/** Selected sessions by key. */
export class Selection {
  readonly #selected = new SvelteMap<string, Session>();
  /** The key of the session where a range starts. */
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

  /** Selects or deselects a session. The result is false if too many would be selected. */
  set(session: Session, isSelected: boolean): boolean {
    const key = keyOf(session);
    this.#anchor = key;
    return this.#set(key, session, isSelected);
  }

  /** The same for all `rows` between the session that was set last and this one. */
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
