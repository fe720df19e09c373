/**
 * The options of ending many sessions: what ends with them, and the reason.
 *
 * @module
 */

import type { PurgeBody } from "../../api/types";

/** The members of a call that the options set. */
export type Scope = Pick<
  PurgeBody,
  | "clientIds"
  | "includeOwn"
  | "removeServerSideSession"
  | "revokeTokens"
  | "revokeConsents"
  | "sendBackchannelLogoutNotification"
>;

/** The options of one dialog or screen. */
export class EndOptions {
  endsSessions = $state(true);
  revokesTokens = $state(true);
  notifiesClients = $state(true);
  includesOwn = $state(false);
  /** Whether grants and notifications are limited to `clientIds`. */
  isLimited = $state(false);
  clientIds = $state.raw<readonly string[]>([]);
  reason = $state("");

  /** Whether a call would do anything. */
  get doesAnything(): boolean {
    const hasClients = !this.isLimited || this.clientIds.length > 0;
    return this.endsSessions || (hasClients && (this.revokesTokens || this.notifiesClients));
  }

  /** Whether the chosen limit still names no client. */
  get lacksClients(): boolean {
    return this.isLimited && this.clientIds.length === 0;
  }

  /**
   * Only what differs from the defaults: a flag that is set explicitly needs its service, and the
   * defaults do what the server can.
   */
  get scope(): Scope {
    return {
      ...(!this.endsSessions && { removeServerSideSession: false }),
      ...(!this.revokesTokens && { revokeTokens: false, revokeConsents: false }),
      ...(!this.notifiesClients && { sendBackchannelLogoutNotification: false }),
      ...(this.includesOwn && { includeOwn: true }),
      ...(this.isLimited && this.clientIds.length > 0 && { clientIds: [...this.clientIds] }),
    };
  }

  /** Adds or removes a client. */
  toggleClient(clientId: string, isIncluded: boolean): void {
    const others = this.clientIds.filter((id) => id !== clientId);
    this.clientIds = isIncluded ? [...others, clientId] : others;
  }
}
