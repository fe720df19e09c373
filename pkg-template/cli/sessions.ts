/**
 * `rollcall sessions list` and `rollcall sessions show`.
 *
 * @module
 */

import type { Page, Session } from "../src/http/shapes.js";
import type { Client } from "./client.js";
import { EXIT, Failure, usage } from "./failure.js";
import { type Filter, type FilterFlags, filterOf, notBlank, positive } from "./filters.js";
import type { Output } from "./output.js";
import { suggestion } from "./suggestions.js";
import { type Column, csvLines, Table } from "./table.js";
import { quoted, safe, safeJson, whole } from "./text.js";
import { relative } from "./times.js";
import { padded, widthOf } from "./width.js";

/** The flags of `sessions list`. */
export interface ListFlags extends FilterFlags {
  order?: string;
  limit?: string;
  all?: boolean;
  columns?: string;
  ndjson?: boolean;
  csv?: boolean;
}

const COLUMNS: readonly Column<Session>[] = [
  { name: "sessionId", value: ({ sessionId }) => sessionId, isWhole: true },
  { name: "subjectId", value: ({ subjectId }) => subjectId, isWhole: true },
  { name: "displayName", head: "name", value: ({ displayName = "" }) => displayName },
  {
    name: "clientIds",
    head: "clients",
    value: ({ clientIds }) => clientIds.join(" "),
    short: ({ clientIds }) => clientIds.join(", "),
  },
  time("created"),
  time("renewed"),
  time("expires"),
  { name: "ipAddress", head: "address", value: ({ ipAddress = "" }) => ipAddress },
  { name: "issuer", value: ({ issuer = "" }) => issuer },
  { name: "userAgent", value: ({ userAgent = "" }) => userAgent },
];

function time(name: "created" | "renewed" | "expires"): Column<Session> {
  return {
    name,
    value: (session) => session[name] ?? "",
    short: (session) => relative(session[name]),
    isWhole: true,
  };
}

/** The columns without `--columns`. */
const USUAL = ["sessionId", "subjectId", "displayName", "clientIds", "created", "expires"];
const ON_WIDE_TERMINALS = [...USUAL, "ipAddress", "userAgent"];
const IN_PIPES = COLUMNS.map(({ name }) => name);

/** The names that `--columns` takes. */
export const COLUMN_NAMES: readonly string[] = IN_PIPES;

/** From so many columns of the terminal on there is room for more. */
const WIDE = 140;

const DEFAULT_LIMIT = 25;
/** The API's largest page. */
const PAGE = 1_000;

/** `rollcall sessions list`. */
export async function listSessions(client: Client, output: Output, flags: ListFlags) {
  const formats = [output.json, flags.ndjson, flags.csv].filter((format) => format === true);
  if (formats.length > 1) throw usage("give one of `--json`, `--ndjson` and `--csv`");
  if (flags.all === true && flags.limit !== undefined) {
    throw usage("give one of `--all` and `--limit`");
  }
  const columns = listedColumns(output, flags);
  const limit = limitOf(flags);
  const filter = { ...filterOf(flags), ...(flags.order !== undefined && { order: flags.order }) };
  const writer = writerOf(flags, output, columns);
  let listed = 0;
  let page: Page | undefined;
  const first = { count: "capped" };
  do {
    const query = page === undefined ? first : { count: "none", resultsToken: page.resultsToken };
    const countRequested = Math.min(PAGE, limit - listed);
    page = await client.post("page", "/v1/sessions/query", { ...filter, ...query, countRequested });
    listed += page.results.length;
    await writer.add(page);
  } while (page.hasNextResults && page.resultsToken !== undefined && listed < limit);
  await writer.end();
  const total = writer.total();
  if (page.hasNextResults && output.isTerminal && !output.json) {
    const of = total === undefined ? "" : ` of ${total}`;
    output.say(`${whole(listed)}${of} sessions: more by \`--limit\`, or all by \`--all\``);
  }
  if (listed === 0 && !output.json) output.say("no session matches");
  return EXIT.done;
}

function limitOf({ all, limit }: ListFlags): number {
  if (all === true) return Number.POSITIVE_INFINITY;
  return limit === undefined ? DEFAULT_LIMIT : positive("--limit", limit);
}

/** The columns of a list: those of `--columns`, or the usual ones. */
export function listedColumns(
  output: Output,
  { columns, csv }: Pick<ListFlags, "columns" | "csv">,
): Column<Session>[] {
  const wide = output.width >= WIDE ? ON_WIDE_TERMINALS : USUAL;
  const usual = output.isTerminal && csv !== true ? wide : IN_PIPES;
  const wanted = columns === undefined ? usual : columns.split(",").map((name) => name.trim());
  return wanted.map((name) => {
    const column = COLUMNS.find((one) => one.name === name) ?? attributeColumn(name);
    if (column !== undefined) return column;
    if (name === "") throw usage("`--columns` must not be blank, or have a blank name");
    throw usage(
      `\`--columns\`: there is no column \`${safe(name)}\`; there are ${IN_PIPES.join(", ")} and attributes.NAME${suggestion(name, IN_PIPES)}`,
    );
  });
}

/** `attributes.department` is the attribute `department`. */
function attributeColumn(name: string): Column<Session> | undefined {
  const [, attribute] = /^attributes\.(.+)$/.exec(name) ?? [];
  if (attribute === undefined) return undefined;
  return {
    name,
    value: ({ attributes = {} }) =>
      Object.hasOwn(attributes, attribute) ? String(attributes[attribute]) : "",
  };
}

/** Writes pages in one of the formats. */
interface PageWriter {
  add: (page: Page) => Promise<void>;
  end: () => Promise<void>;
  /** How many sessions match, as text, if they were counted. */
  total: () => string | undefined;
}

function writerOf(
  { ndjson, csv }: ListFlags,
  output: Output,
  columns: readonly Column<Session>[],
): PageWriter {
  let first: Page | undefined;
  const total = () => {
    const { totalCount, totalCountIsCapped } = first ?? {};
    return totalCount === undefined
      ? undefined
      : `${whole(totalCount)}${totalCountIsCapped === true ? "+" : ""}`;
  };
  const table = new Table(output, columns, "--columns");
  const pages: Page[] = [];
  const add = async (page: Page) => {
    const isFirst = first === undefined;
    first ??= page;
    if (output.json) {
      pages.push(page);
    } else if (ndjson === true) {
      await output.write(page.results.map((session) => `${safeJson(session)}\n`).join(""));
    } else if (csv === true) {
      const lines = page.results.map((session) => columns.map(({ value }) => value(session)));
      await output.write(csvLines(isFirst ? [columns.map(({ name }) => name), ...lines] : lines));
    } else if (page.results.length > 0 || !output.isTerminal) {
      await table.add(page.results);
    }
  };
  const end = async () => {
    if (output.json) await output.writeJson(joined(pages));
    table.end();
  };
  return { add, end, total };
}

/** Several pages as one of the API's: the totals of the first one, the end of the last one. */
function joined(pages: readonly Page[]): Page | undefined {
  const [first, last] = [pages[0], pages.at(-1)];
  if (first === undefined || last === undefined || pages.length === 1) return first;
  const { resultsToken: _, totalPages: _pages, currentPage: _page, ...totals } = first;
  return {
    ...totals,
    results: pages.flatMap(({ results }) => results),
    ...(last.resultsToken !== undefined && { resultsToken: last.resultsToken }),
    hasNextResults: last.hasNextResults,
  };
}

/** `rollcall sessions show`. */
export async function showSession(
  client: Client,
  output: Output,
  sessionId: string,
  { subject }: { subject?: string },
) {
  const session = await theSession(client, sessionId, subject);
  if (session === undefined) throw noSuchSession(sessionId);
  if (output.json) {
    await output.writeJson(session);
  } else {
    await writeMembers(output, sessionMembers(session));
  }
  return EXIT.done;
}

function sessionMembers(session: Session): [string, string][] {
  const { attributes = {}, unreadable, own } = session;
  const members: [string, string][] = COLUMNS.map(({ name, value }) => [name, value(session)]);
  for (const [name, value] of Object.entries(attributes)) {
    members.push([`attributes.${name}`, value]);
  }
  if (unreadable !== undefined) members.push(["unreadable", unreadable.join(" ")]);
  if (own === true) members.push(["own", "true"]);
  return members.filter(([, value]) => value !== "");
}

/** Writes one thing, a line a member. */
export async function writeMembers(output: Output, members: readonly [string, string][]) {
  const shown = members.map(([name, value]) => [safe(name), safe(value)] as const);
  const width = Math.max(...shown.map(([name]) => widthOf(name)));
  for (const [name, value] of shown) {
    const line = output.isTerminal
      ? `${output.styled(padded(name, width), "header")}  ${value}`
      : `${name}\t${value}`;
    await output.write(`${line}\n`);
  }
}

/** No session has this id. */
export function noSuchSession(sessionId: string): Failure {
  return new Failure("session_not_found", `no session has the id \`${safe(sessionId)}\``);
}

/** More sessions than this never share an id. */
const ENOUGH = 100;

/**
 * The session with this id.
 *
 * The query goes in the body: a URL ends up in access logs.
 *
 * @throws {Failure} 2 if sessions of several subjects have the id
 */
export async function theSession(
  client: Client,
  sessionId: string,
  subject: string | undefined,
): Promise<Session | undefined> {
  const filter: Filter = {
    sessionId: { equals: notBlank("<sessionId>", sessionId) },
    ...(subject !== undefined && { subjectId: { equals: notBlank("--subject", subject) } }),
  };
  const query = { ...filter, count: "none", countRequested: ENOUGH };
  const { results } = await client.post("page", "/v1/sessions/query", query);
  const subjects = [...new Set(results.map(({ subjectId }) => subjectId))];
  if (subjects.length > 1) {
    const choices = subjects.map((one) => `\`--subject ${safe(quoted(one))}\``).join(" or ");
    throw usage(`sessions of several subjects have the id \`${safe(sessionId)}\`: give ${choices}`);
  }
  return results[0];
}
