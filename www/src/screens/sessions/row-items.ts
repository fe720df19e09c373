/**
 * The menu of a row.
 *
 * @module
 */

import type { Session } from "../../api/types";
import { address } from "../../state/address.svelte";
import { connection } from "../../state/connection.svelte";
import { sessions as texts } from "../../texts";
import type { MenuItem } from "./Menu.svelte";
import { sessionsHash } from "./session-query";
import type { SessionsScreen } from "./sessions-screen.svelte";

/** The name of the menu of a row. */
export function rowMenuLabel({ displayName, subjectId }: Session): string {
  return texts.more(displayName ?? subjectId);
}

/** The actions on a session and its user. */
export function rowItems(session: Session, screen: SessionsScreen): MenuItem[] {
  const { subjectId, displayName, own } = session;
  const user = displayName ?? subjectId;
  const items: MenuItem[] = [
    { text: texts.openSession, act: () => screen.open(session) },
    { text: texts.showSubject(user), act: () => address.go(sessionsHash({ subjectId })) },
  ];
  if (!connection.may("remove")) return items;
  if (!own) {
    const act = () => void screen.endSession(session);
    items.push({ text: texts.endSession, act, movesFocus: true });
  }
  const act = () => void screen.endSubject(session);
  items.push({ text: texts.endSubject(user), act, movesFocus: true });
  const actOnOthers = () => void screen.endOthers(session);
  items.push({ text: texts.endOthers(user), act: actOnOthers, movesFocus: true });
  return items;
}
