/**
 * Subject identifiers (RFC 9493), and their check.
 *
 * @module
 */
import { unknownMember } from "../stores/members.js";
import { malformed } from "./refusal.js";

/** The subject of a request. Each format has exactly these members, none of them empty. */
export type SubjectIdentifier =
  /** Section 3.2.1: an account at a service, as an `acct` URI (RFC 7565). */
  | { format: "account"; uri: string }
  /**
   * Section 3.2.2. The host decides how addresses are compared (section 3.2.2.1): use the rule of
   * your sign-in.
   */
  | { format: "email"; email: string }
  /** Section 3.2.3: the `iss` and `sub` of tokens. */
  | { format: "iss_sub"; iss: string; sub: string }
  /** Section 3.2.4: an id that both sides know; in the draft's example, the host's own id. */
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

/** The most identifiers that `aliases` may have: each costs the host a lookup. */
const ALIASES_LIMIT = 32;

const NOT_EMPTY = /./su;

/**
 * The members of each format, and the form of their values. E-mail addresses are checked only
 * roughly: some real ones violate RFC 5322, and the host knows best which of them it has.
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
 * The identifiers of the subject of a request: one, or those of `aliases` whose formats are
 * supported. (A caller that sends `aliases` doesn't know which ones are.)
 *
 * A member that neither the draft nor RFC 9493 describes is refused: it might have narrowed the
 * request.
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
    throw malformed("`sub_id.identifiers` has no identifier of a supported format");
  }
  return supported;
}

/** An object with a format, otherwise unchecked. */
interface Identifier {
  format: string;
  [member: string]: unknown;
}

/** Section 3: every identifier has a format. */
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

/** Section 3: all members that the format describes, and no others. */
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
        `\`${place}.${name}\` is missing or malformed: see the format \`${identifier.format}\` in RFC 9493`,
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
    throw malformed(`${place} must have no members except ${listed(known)}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
