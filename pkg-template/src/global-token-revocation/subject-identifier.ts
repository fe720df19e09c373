/**
 * Subject identifiers (RFC 9493), and their check.
 *
 * @module
 */
import { unknownMember } from "../stores/members.js";
import { malformed } from "./refusal.js";

/** Whom a request is about. Each format has exactly these members, and none of them is empty. */
export type SubjectIdentifier =
  /** Section 3.2.1: an account at a service, as an `acct` URI (RFC 7565). */
  | { format: "account"; uri: string }
  /**
   * Section 3.2.2. How addresses are compared is the host's rule (section 3.2.2.1): the one that it
   * has for signing in.
   */
  | { format: "email"; email: string }
  /** Section 3.2.3: the `iss` and `sub` of tokens. */
  | { format: "iss_sub"; iss: string; sub: string }
  /** Section 3.2.4: an id that both sides know; in the draft's example, that of the host itself. */
  | { format: "opaque"; id: string }
  /** Section 3.2.5: E.164, with `+` and country code. */
  | { format: "phone_number"; phone_number: string }
  /** Section 3.2.6: a decentralized identifier, or a URL of one. */
  | { format: "did"; url: string }
  /** Section 3.2.7. */
  | { format: "uri"; uri: string };

/**
 * The formats of RFC 9493. `aliases` (section 3.2.8) is a list of identifiers of one subject in the
 * others.
 */
export type SubjectFormat = SubjectIdentifier["format"] | "aliases";

/** How many identifiers `aliases` may have: each is a look-up for the host. */
const ALIASES_LIMIT = 32;

const NOT_EMPTY = /./su;

/**
 * The members of each format, and what their values look like. An address of e-mail is looked at
 * only briefly: some that people have break the rules of RFC 5322, and which is somebody's the host
 * knows best.
 */
const FORMATS: {
  readonly [Format in SubjectIdentifier["format"]]: Readonly<Record<string, RegExp>>;
} = {
  account: {
    uri: /^acct:(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+@(?:[\w.~!$&'()*+,;=:[\]-]|%[0-9a-f]{2})+$/i,
  },
  email: { email: /^\P{C}+@[^\p{C}\p{Z}@]+$/u },
  iss_sub: { iss: NOT_EMPTY, sub: NOT_EMPTY },
  opaque: { id: NOT_EMPTY },
  phone_number: { phone_number: /^\+[1-9]\d{1,14}$/ },
  did: { url: /^did:[a-z0-9]+:(?:[\w.:-]|%[0-9A-Fa-f]{2})+(?:[/?#][!-~]*)?$/ },
  uri: { uri: /^[a-z][a-z0-9+.-]*:[!-~]+$/i },
};

const MEMBERS: ReadonlyMap<string, Readonly<Record<string, RegExp>>> = new Map(
  Object.entries(FORMATS),
);

/** The names of all formats. */
export const SUBJECT_FORMATS: ReadonlySet<string> = new Set([...MEMBERS.keys(), "aliases"]);

/**
 * The identifiers of the one subject that a request is about: one, or those that `aliases` has in
 * these formats, for who sends `aliases` does not know which are understood.
 *
 * A member that the draft or RFC 9493 does not describe is refused: what was passed over might have
 * meant less.
 *
 * @throws {Refusal} 400.
 */
export function subjectIdentifiers(
  body: unknown,
  formats: ReadonlySet<string>,
): SubjectIdentifier[] {
  if (!isObject(body)) {
    throw malformed("the body must be an object with the one member `sub_id`");
  }
  checkNames(body, ["sub_id"], "the body");
  const { sub_id: subId } = body;
  checkFormat(subId, "sub_id");
  if (!formats.has(subId.format)) {
    throw malformed(`\`sub_id.format\` is not supported: use ${listed([...formats])}`);
  }
  return subId.format === "aliases" ? understood(subId, formats) : [checked(subId, "sub_id")];
}

/** Section 3.2.8. */
function understood(aliases: Identifier, formats: ReadonlySet<string>): SubjectIdentifier[] {
  checkNames(aliases, ["format", "identifiers"], "`sub_id`");
  const { identifiers } = aliases;
  if (
    !Array.isArray(identifiers) ||
    identifiers.length === 0 ||
    identifiers.length > ALIASES_LIMIT
  ) {
    throw malformed(
      `\`sub_id.identifiers\` must be a list of 1 to ${ALIASES_LIMIT} subject identifiers`,
    );
  }
  const supported: SubjectIdentifier[] = [];
  for (const [index, identifier] of identifiers.entries()) {
    const place = `sub_id.identifiers[${index}]`;
    checkFormat(identifier, place);
    if (identifier.format === "aliases") {
      throw malformed(`\`${place}\` must not be \`aliases\` again`);
    }
    if (formats.has(identifier.format)) {
      supported.push(checked(identifier, place));
    }
  }
  if (supported.length === 0) {
    throw malformed("`sub_id.identifiers` has no identifier of a format that is supported");
  }
  return supported;
}

/** An object that says its format; the rest of it is not checked yet. */
interface Identifier {
  format: string;
  [member: string]: unknown;
}

/** Section 3: every identifier says its format. */
function checkFormat(identifier: unknown, place: string): asserts identifier is Identifier {
  const { format } = isObject(identifier) ? identifier : {};
  if (typeof format !== "string" || format === "") {
    throw malformed(`\`${place}\` must be a subject identifier: an object with a \`format\``);
  }
}

function checked(identifier: Identifier, place: string): SubjectIdentifier {
  checkMembers(identifier, MEMBERS.get(identifier.format) ?? {}, place);
  return identifier;
}

/** Section 3: all members that the format describes, and no other. */
function checkMembers(
  identifier: Identifier,
  members: Readonly<Record<string, RegExp>>,
  place: string,
): asserts identifier is Identifier & SubjectIdentifier {
  checkNames(identifier, ["format", ...Object.keys(members)], `\`${place}\``);
  for (const [name, pattern] of Object.entries(members)) {
    const { [name]: value } = identifier;
    if (typeof value !== "string" || !pattern.test(value)) {
      throw malformed(
        `\`${place}.${name}\` must be there, in the form that \`${identifier.format}\` demands`,
      );
    }
  }
}

function checkNames(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  place: string,
): void {
  const unknown = unknownMember(value, new Set(known));
  if (unknown !== undefined) {
    throw malformed(`${place} must have no other members than ${listed(known)}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
