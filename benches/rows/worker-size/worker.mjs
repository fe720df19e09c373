// @ts-check
// A Worker that serves queries and removals on D1. The row `worker-size` measures it.
import { Kysely } from "kysely";
import { SessionManagement } from "rollcall";
import { d1Dialect, sqlStores } from "rollcall/sql";

export default {
  /**
   * @param {Request} request
   * @param {{ DB: import("rollcall/sql").D1Client }} env
   */
  async fetch(request, env) {
    const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
    const management = new SessionManagement(sqlStores(kysely, { dialect: "sqlite" }));
    const { searchParams } = new URL(request.url);
    const subjectId = searchParams.get("subject") ?? "";
    const result =
      request.method === "DELETE"
        ? management.removeSessions({ subjectId })
        : management.querySessions({ subjectId });
    return Response.json(await result);
  },
};
