// A purge, as an administrator's tool does it. Only compiled, never run.

import {
  type PurgePreview,
  type PurgeReport,
  type PurgeRequest,
  type RemovalReport,
  SessionManagement,
  type SessionQuery,
  type UserSession,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

const management = new SessionManagement(memoryStores());

/** Previews a purge, then ends those sessions, call by call. */
export async function purge(
  filter: SessionQuery,
  confirm: (preview: PurgePreview) => boolean,
): Promise<number> {
  const request: PurgeRequest = { filter, limit: 1_000, reason: "breach", actor: "admin" };
  const preview: PurgePreview = await management.purgeSessions({ filter });
  const {
    count,
    sample,
    confirmToken,
  }: { count: number; sample: UserSession[]; confirmToken: string } = preview;
  if (!confirm(preview)) return 0;
  let [ended, token]: [number, string | undefined] = [0, confirmToken];
  while (token !== undefined) {
    const report: PurgeReport = await management.purgeSessions({ ...request, confirmToken: token });
    ended += report.sessionsRemoved;
    const more: boolean = report.more;
    console.log(
      `${ended} of ${count}, such as ${sample[0]?.displayName}${more ? " and more" : ""}`,
    );
    token = report.confirmToken;
  }
  return ended;
}

/** Options for the ended sessions are the same as in a removal. */
export const everyMember: PurgeRequest = {
  filter: { state: "any", clientId: "shop", created: { before: new Date() } },
  confirmToken: "of the preview",
  limit: 10_000,
  clientIds: ["shop"],
  exceptSessionIds: ["mine"],
  removeServerSideSession: true,
  sendBackchannelLogoutNotification: false,
  revokeTokens: true,
  revokeConsents: true,
  dryRun: true,
  reason: "breach",
  actor: "admin",
};
export const everySession: PurgeRequest = { filter: {}, everything: true };

/** `count` distinguishes a preview from a report if the request doesn't. */
export async function either(request: PurgeRequest, signal: AbortSignal): Promise<number> {
  const options = {
    signal,
    waitUntil: () => {},
    onProgress: ({ sessions }: { sessions: number }) => console.log(sessions),
  };
  const done: PurgePreview | PurgeReport = await management.purgeSessions(request, options);
  return "count" in done ? done.count : done.sessionsRemoved;
}

/** The report of a purge is the report of a removal. */
export const report = (purged: PurgeReport): RemovalReport => purged;

// @ts-expect-error: a filter is needed, even an empty one
management.purgeSessions({ everything: true });
// @ts-expect-error: a purge has a filter, not a target
management.purgeSessions({ filter: {}, subjectId: "12345" });
// @ts-expect-error: no such filter
management.purgeSessions({ filter: { client: "shop" } });
// @ts-expect-error: a token is a string
management.purgeSessions({ filter: {}, confirmToken: true });
// @ts-expect-error: the token isn't an option of the call
management.purgeSessions({ filter: {} }, { confirmToken: "of the preview" });
// @ts-expect-error: a limit is a number
management.purgeSessions({ filter: {}, limit: "all" });
// @ts-expect-error: a preview ends no session
management.purgeSessions({ filter: {} }).then((preview) => preview.sessionsRemoved);
// @ts-expect-error: a report counts the ended sessions, not the matching ones
management.purgeSessions({ filter: {}, confirmToken: "of the preview" }).then((done) => done.count);
// @ts-expect-error: a `PurgeRequest` may result in either
management.purgeSessions(everySession).then((done) => done.sessionsRemoved);
