/**
 * A checked filter of sessions.
 *
 * @module
 */

import { invalidArgument, RollcallError } from "../errors.js";
import { bare } from "../plain-object.js";
import type { StoreFilter, StoreListRequest, StoreText, StoreTimeRange } from "../types.js";
import { MemberReader } from "./member-reader.js";

/** By member: how it is read. */
const MEMBERS: {
  readonly [Name in keyof StoreFilter]-?: (
    members: MemberReader,
    name: string,
  ) => StoreFilter[Name];
} = {
  subjectId: text,
  sessionId: text,
  displayName: text,
  search,
  clientId: string,
  issuer: string,
  issuers: strings,
  ipAddress: string,
  created: range,
  renewed: range,
  expires: range,
  activeAt: number,
  expiredAt: number,
};

/**
 * The filter with only its present members. An unknown one must not be ignored, because the filter
 * would match more sessions than its author intended.
 *
 * @throws {RollcallError} `unsupported_filter` for an unknown member, `invalid_argument` for one of
 * the wrong type.
 */
export function checkedSessionFilter(filter: unknown): StoreFilter {
  const members = new MemberReader(filter, "the filter");
  const checked = members.names.map((name) => {
    if (!isMember(name)) {
      throw new RollcallError(
        "unsupported_filter",
        `the store doesn't support the filter \`${name}\`: leave it out`,
      );
    }
    return [name, MEMBERS[name](members, name)];
  });
  return bare(Object.fromEntries(checked));
}

/** A request for a page; absent members are `undefined`. */
export type CheckedListRequest = ReturnType<typeof checkedListRequest>;

const ORDERS: readonly StoreListRequest["order"][] = ["newest", "oldest", "expiry"];

/** @throws {RollcallError} like `checkedSessionFilter`, and for every other malformed member. */
export function checkedListRequest(request: unknown) {
  const members = new MemberReader(request, "the request for a page");
  return {
    filter: checkedSessionFilter(members.raw("filter")),
    order: members.oneOf("order", ORDERS),
    limit: members.count("limit", 1),
    after: members.optional("after", "string"),
    before: members.optional("before", "string"),
    fromEnd: members.optional("fromEnd", "boolean") ?? false,
  };
}

function isMember(name: string): name is keyof StoreFilter {
  return Object.hasOwn(MEMBERS, name);
}

function string(members: MemberReader, name: string): string {
  return members.string(name);
}

function strings(members: MemberReader, name: string): string[] {
  return members.nonEmptyStrings(name);
}

function number(members: MemberReader, name: string): number {
  return members.number(name);
}

function text(members: MemberReader, name: string): StoreText {
  const wanted = members.object(name, ["equals", "startsWith", "contains"]);
  const [form, another] = wanted.names;
  if (form === undefined || another !== undefined) {
    throw invalidArgument(
      `the filter: \`${name}\` must have one of \`equals\`, \`startsWith\` and \`contains\``,
    );
  }
  if (form === "equals") return bare({ equals: wanted.string(form) });
  return form === "startsWith"
    ? bare({ startsWith: wanted.string(form) })
    : bare({ contains: wanted.string("contains") });
}

function range(members: MemberReader, name: string): StoreTimeRange {
  const range = members.object(name, ["after", "before"]);
  return bare(Object.fromEntries(range.names.map((side) => [side, range.number(side)])));
}

function search(members: MemberReader, name: string): { id: string; name: string } {
  const wanted = members.object(name, ["id", "name"]);
  return { id: wanted.string("id"), name: wanted.string("name") };
}
