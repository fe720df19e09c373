// The SQL stores inside workerd, on D1 and in a Durable Object. Each request runs one case or lists
// the cases.
import { DurableObject } from "cloudflare:workers";
import { CompiledQuery, Kysely } from "kysely";
import { d1Dialect, durableObjectDialect, migrate, sqlStores } from "rollcall/sql";
import { storeCases } from "rollcall/testing";
import { damageCases } from "../damage-cases.mjs";
import { failureCases } from "../failure-cases.mjs";
import { forbidOnSqlite } from "../forbid.mjs";
import { refusalCases } from "../refusal-cases.mjs";
import { engineCases } from "./engine-cases.mjs";

const OPTIONS = { dialect: "sqlite" };
const TABLES = [
  "rollcall_sessions",
  "rollcall_session_clients",
  "rollcall_grants",
  "rollcall_outbox",
];

/** Answers `/` with all cases, and `/N` with the result of that case. */
async function answer(request, kysely) {
  await migrate(kysely, OPTIONS);
  const query = (statement) => kysely.executeQuery(CompiledQuery.raw(statement));
  const open = async () => {
    for (const table of TABLES) await kysely.deleteFrom(table).execute();
    return { ...sqlStores(kysely, OPTIONS), query };
  };
  const kit = await storeCases(open);
  const cases = [
    ...kit,
    ...refusalCases(open),
    ...damageCases(open),
    ...failureCases({ open, forbid: forbidOnSqlite }),
    ...engineCases(kysely, open),
  ];
  const number = new URL(request.url).pathname.split("/").at(-1);
  if (number === "") {
    return Response.json(cases.map((item) => ({ name: item.name, isOfKit: kit.includes(item) })));
  }
  try {
    await cases[number].run();
    return Response.json({});
  } catch (error) {
    return Response.json({ error: String(error?.stack ?? error) });
  }
}

export class Sessions extends DurableObject {
  kysely = new Kysely({ dialect: durableObjectDialect(this.ctx.storage) });

  fetch(request) {
    return answer(request, this.kysely);
  }
}

export default {
  async fetch(request, env) {
    const [, store] = new URL(request.url).pathname.split("/");
    if (store === "d1") return answer(request, new Kysely({ dialect: d1Dialect(env.DB) }));
    return env.SESSIONS.get(env.SESSIONS.idFromName("all")).fetch(request);
  },
};
