/**
 * The keyboard shortcuts of the list.
 *
 * @module
 */

import type { Session } from "../../api/types";
import { keyOf } from "./selection.svelte";
import type { SessionsScreen } from "./sessions-screen.svelte";

/** Handles a key that no field or dialog handles. */
export function pressed(event: KeyboardEvent, screen: SessionsScreen): void {
  const row = event.target instanceof Element ? event.target.closest("tr[data-key]") : null;
  const handled = row === null ? anywhere(event.key, screen) : inRow(event, row, screen);
  if (handled) event.preventDefault();
}

function anywhere(key: string, screen: SessionsScreen): boolean {
  if (key !== "j" && key !== "k") return false;
  screen.moveFocus(key === "j" ? 1 : -1);
  return true;
}

function inRow(event: KeyboardEvent, row: Element, screen: SessionsScreen): boolean {
  const session = screen.list.rows.find(
    (session) => keyOf(session) === row.getAttribute("data-key"),
  );
  return session !== undefined && onSession(event, session, screen);
}

function onSession(event: KeyboardEvent, session: Session, screen: SessionsScreen): boolean {
  switch (event.key) {
    case "j":
    case "ArrowDown":
      screen.moveFocus(1);
      return true;
    case "k":
    case "ArrowUp":
      screen.moveFocus(-1);
      return true;
    case "Home":
      screen.moveFocus(Number.NEGATIVE_INFINITY);
      return true;
    case "End":
      screen.moveFocus(Number.POSITIVE_INFINITY);
      return true;
    case "x":
      screen.select(session, event.shiftKey);
      return true;
    case "X":
      screen.select(session, true);
      return true;
    case "e":
      screen.endSession(session);
      return true;
    default:
      return false;
  }
}
