/**
 * Text that is safe to print.
 *
 * @module
 */

/**
 * Characters that move the cursor, change colours, reverse the direction of what follows, or can't
 * be seen at all: controls (C0, DEL, C1), line and paragraph separators, bidirectional controls
 * (Unicode Standard Annex 9, section 2), and lone surrogates. The joiners stay: names in Persian
 * and emoji need them.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/** The text with {@link UNSAFE} characters shown as JSON escapes, such as `\u202e` or `\n`. */
export function safe(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** JSON whose strings have no unsafe character. It parses to the same value. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(UNSAFE, (character) => (character === "\n" ? character : escaped(character)));
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** `1 session`, `1,204 sessions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** `1,204`. */
export function whole(count: number): string {
  return count.toLocaleString("en-US");
}

/** `a, b and c`; of more than `most` the rest as a number. */
export function listed(items: readonly string[], most = 8): string {
  const shown = items.length > most ? items.slice(0, most - 1) : [...items];
  if (shown.length < items.length) shown.push(`${whole(items.length - shown.length)} more`);
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** An argument as a POSIX shell reads it. */
export function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  const shown = safe(argument);
  if (shown === argument) return `'${argument.replaceAll("'", "'\\''")}'`;
  const escapes = argument.replace(/[\\']/g, "\\$&").replace(UNSAFE, escaped);
  return `$'${escapes}'`;
}
