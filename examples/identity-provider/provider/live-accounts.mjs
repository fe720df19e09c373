// @ts-check
/**
 * The accounts as oidc-provider asks for them. It does so at each use of a token, at refresh and
 * userinfo among them: then there is one only while the session behind the token is live, and that
 * extends it.
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
export function accountsOfLiveSessions(accounts, coordination) {
  return async (_ctx, subjectId, token) => {
    const account = accounts.find(subjectId);
    if (account === undefined || (token !== undefined && !(await isLive(token)))) return undefined;
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
    function isLive(token) {
      const sessionId = "sessionUid" in token ? token.sessionUid : undefined;
      return coordination.validateSession({
        subjectId,
        ...(sessionId && { sessionId }),
        clientId: token.clientId ?? "",
      });
    }
  };
}
