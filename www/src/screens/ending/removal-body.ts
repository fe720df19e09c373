/**
 * The request that the end dialog sends.
 *
 * @module
 */

import type { Me, RemovalBody } from "../../api/types";
import type { EndTarget, KnownSession } from "../../state/ending.svelte";

/** The choices of the dialog. */
export interface EndOptions {
  endsSessions: boolean;
  revokesTokens: boolean;
  revokesConsents: boolean;
  notifies: boolean;
  /** Whether only `clientIds` are notified and lose their tokens. */
  isLimited: boolean;
  clientIds: readonly string[];
  /** Keeps the session of the user, if it would end with the others. */
  keepsOwn: boolean;
  reason: string;
}

/** The initial choices. */
export const DEFAULT_OPTIONS: EndOptions = {
  endsSessions: true,
  revokesTokens: true,
  revokesConsents: true,
  notifies: true,
  isLimited: false,
  clientIds: [],
  keepsOwn: true,
  reason: "",
};

/** Whether this is the session of the user. */
export function isOwn(session: KnownSession, me: Me): boolean {
  if (session.own) return true;
  const isSameSubject = me.subjectId === undefined || me.subjectId === session.subjectId;
  return session.sessionId === me.sessionId && isSameSubject;
}

/**
 * Whether the session of the user is the target (`target`), is or may be among others (`among`), or
 * isn't affected (`no`).
 */
export function ownPart(target: EndTarget, me: Me): "target" | "among" | "no" {
  switch (target.kind) {
    case "session":
      return isOwn(target.session, me) ? "target" : "no";
    case "selection": {
      const isAmong = target.sessions.some((session) => isOwn(session, me));
      if (!isAmong) return "no";
      return target.sessions.length === 1 ? "target" : "among";
    }
    case "subject": {
      const { subjectId, sessionId } = me;
      if (sessionId === undefined || target.exceptSessionIds?.includes(sessionId)) return "no";
      return subjectId === undefined || subjectId === target.subjectId ? "among" : "no";
    }
  }
}

/** Whether consents can be revoked: they belong to a subject, so a call for sessions keeps them. */
export function mayRevokeConsents(target: EndTarget): boolean {
  return target.kind === "subject" && (target.exceptSessionIds ?? []).length === 0;
}

/** The members of a call that say what is revoked, and which clients are notified. */
export type Scope = Pick<
  RemovalBody,
  | "removeServerSideSession"
  | "revokeTokens"
  | "revokeConsents"
  | "sendBackchannelLogoutNotification"
  | "clientIds"
>;

/**
 * The scope of the choices. Members with their default value are left out, because the API refuses
 * explicit values that its host doesn't support.
 */
export function scopeOf(options: EndOptions): Scope {
  const { endsSessions, revokesTokens, revokesConsents, notifies, isLimited, clientIds } = options;
  return {
    ...(!endsSessions && { removeServerSideSession: false }),
    ...(!revokesTokens && { revokeTokens: false }),
    ...(!revokesConsents && { revokeConsents: false }),
    ...(!notifies && { sendBackchannelLogoutNotification: false }),
    ...(isLimited && { clientIds: [...clientIds] }),
  };
}

/**
 * The body of the request, or `undefined` if the choices leave nothing to do.
 */
export function removalBody(
  target: EndTarget,
  options: EndOptions,
  me: Me,
): RemovalBody | undefined {
  const { endsSessions, revokesTokens, revokesConsents, notifies, isLimited, clientIds } = options;
  const hasConsents = mayRevokeConsents(target) && revokesConsents;
  if (!endsSessions && !revokesTokens && !hasConsents && !notifies) return undefined;
  if (isLimited && clientIds.length === 0) return undefined;
  const scope = scopeOf(options);
  switch (target.kind) {
    case "session": {
      const { subjectId, sessionId } = target.session;
      return { subjectId, sessionId, ...scope };
    }
    case "subject": {
      const { subjectId, exceptSessionIds = [] } = target;
      return {
        subjectId,
        ...(exceptSessionIds.length > 0 && { exceptSessionIds: [...exceptSessionIds] }),
        ...(!options.keepsOwn && ownPart(target, me) === "among" && { includeOwn: true }),
        ...scope,
      };
    }
    case "selection": {
      const keepsOwn = options.keepsOwn && ownPart(target, me) === "among";
      const sessions = target.sessions
        .filter((session) => !keepsOwn || !isOwn(session, me))
        .map(({ subjectId, sessionId }) => ({ subjectId, sessionId }));
      return sessions.length === 0 ? undefined : { sessions, ...scope };
    }
  }
}
