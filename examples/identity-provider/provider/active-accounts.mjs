// @ts-check
/**
 * Looks up accounts for oidc-provider, which does this at each use of a token, such as a refresh or
 * a userinfo request. The account of a token is found only while the token's session is active, and
 * the lookup extends the session.
 *
 * @module
 */

/** @import { FindAccount } from "oidc-provider" */
/** @import { SessionCoordination } from "rollcall" */
/** @import { Accounts } from "../accounts.mjs" */

/**
 * @param {Accounts} accounts
 * @param {SessionCoordination} coordination
 * @returns {FindAccount}
 */
export function accountsOfActiveSessions(accounts, coordination) {
  return async (_ctx, subjectId, token) => {
    const account = accounts.find(subjectId);
    if (account === undefined || (token !== undefined && !(await isActive(token))))
      return undefined;
    return {
      accountId: account.subjectId,
      claims: () => ({
        sub: account.subjectId,
        name: account.displayName,
        preferred_username: account.username,
        email: account.email,
      }),
    };

    /** @param {NonNullable<Parameters<FindAccount>[2]>} token */
    function isActive(token) {
      const sessionId = "sessionUid" in token ? token.sessionUid : undefined;
      return coordination.validateSession({
        subjectId,
        ...(sessionId && { sessionId }),
        clientId: token.clientId ?? "",
      });
    }
  };
}
