/**
 * `rollcall completion`: scripts that complete commands, flags and the words that flags take.
 *
 * @module
 */

import type { Command } from "commander";
import { COLUMN_NAMES } from "./sessions.js";

/** The flags that take a file. */
const FILES = ["--token-file", "--host"];
/** The flags that take words, separated by commas. */
const LISTS: Readonly<Record<string, readonly string[]>> = { "--columns": COLUMN_NAMES };

/** A word that can come next. */
interface Word {
  name: string;
  description: string;
}

/** A flag, with the words that it takes, if there are only some. */
interface Flag extends Word {
  takesValue: boolean;
  words: readonly string[] | undefined;
}

/** A command by its path, such as `sessions list`, with what can follow it. */
interface Place {
  path: string;
  words: readonly Word[];
  flags: readonly Flag[];
}

/** The script for a shell. */
export function completionScript(program: Command, shell: string): string {
  const found = places(program, "");
  switch (shell) {
    case "bash":
      return bash(found);
    case "zsh":
      return zsh(found);
    default:
      return fish(found);
  }
}

const HELP_FLAG = { name: "--help", description: "show the help", takesValue: false };

function places(command: Command, path: string): Place[] {
  const commands = shownCommands(command);
  const flags = command.options.map(({ long, description, required, argChoices }) => ({
    name: long ?? "",
    description,
    takesValue: required,
    words: argChoices,
  }));
  const [argument] = command.registeredArguments;
  const values = (argument?.argChoices ?? []).map((name) => ({ name, description: "" }));
  const words = [...commands.map(wordOf), ...values];
  const own = { path, words, flags: [...flags, { ...HELP_FLAG, words: undefined }] };
  const isHelp = command.name() === "help" && command.parent !== null;
  if (isHelp && command.parent !== null) return helpPlaces(command.parent, path);
  return [own, ...commands.flatMap((one) => places(one, below(path, one)))];
}

/** `help` is followed by commands. */
function helpPlaces(command: Command, path: string): Place[] {
  const commands = shownCommands(command).filter((one) => one.name() !== "help");
  const further = commands.flatMap((one) => helpPlaces(one, below(path, one)));
  return [{ path, words: commands.map(wordOf), flags: [] }, ...further];
}

function shownCommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function wordOf(command: Command): Word {
  return { name: command.name(), description: command.description() };
}

function below(path: string, command: Command): string {
  return `${path} ${command.name()}`.trim();
}

/** The flags with a value, which isn't a command. */
function valued(found: readonly Place[]): string[] {
  const flags = found.flatMap((place) => place.flags);
  return [...new Set(flags.filter(({ takesValue }) => takesValue).map(({ name }) => name))];
}

/** The paths of commands, without that of the whole. */
function paths(found: readonly Place[]): string[] {
  return found.map(({ path }) => path).filter((path) => path !== "");
}

/** The flags that take one of some words, by the path of their command. */
function choices(found: readonly Place[]): [place: string, words: string][] {
  return found.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, words }): [string, string][] =>
      words === undefined ? [] : [[`${path} ${name}`, words.join(" ")]],
    ),
  );
}

/** The part that bash and zsh share: find the command, and the flag whose value is completed. */
function walk(found: readonly Place[], words: string, first: number, current: string): string {
  return `  local place="" flag="" word next index
  for ((index = ${first}; index < ${current}; index++)); do
    word=\${${words}[index]}
    if [[ -n $flag ]]; then
      flag=""
      continue
    fi
    case $word in
      # Ids follow.
      --) return ;;
      ${valued(found).join("|")}) flag=$word ;;
      -*) ;;
      *)
        next="\${place:+$place }$word"
        case $next in
          ${paths(found)
            .map((path) => `"${path}"`)
            .join("|")}) place=$next ;;
        esac
        ;;
    esac
  done`;
}

function bash(found: readonly Place[]): string {
  const namesOf = ({ words, flags }: Place) =>
    [...words, ...flags].map(({ name }) => name).join(" ");
  return `# Completion of rollcall for bash: source <(rollcall completion bash)
_rollcall() {
  local current=\${COMP_WORDS[COMP_CWORD]} words="" before=""
  COMPREPLY=()
${walk(found, "COMP_WORDS", 1, "COMP_CWORD")}
  if [[ -n $flag ]]; then
    case "$place $flag" in
${choices(found)
  .map(([place, words]) => `      "${place}") words="${words}" ;;`)
  .join("\n")}
${Object.entries(LISTS)
  .map(
    ([flag, words]) => `      *" ${flag}")
        [[ $current == *,* ]] && before="\${current%,*},"
        current=\${current##*,}
        words="${words.join(" ")}"
        ;;`,
  )
  .join("\n")}
      ${FILES.map((flag) => `*" ${flag}"`).join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
  else
    case $place in
${found.map((place) => `      "${place.path}") words="${namesOf(place)}" ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "$current"))
}
complete -F _rollcall rollcall
`;
}

function zsh(found: readonly Place[]): string {
  const described = ({ words, flags }: Place) =>
    [...words, ...flags]
      .map(({ name, description }) => single(`${name}:${description.replaceAll(":", "\\:")}`))
      .join(" ");
  return `#compdef rollcall
# Completion of rollcall for zsh: source <(rollcall completion zsh)
_rollcall() {
  local -a choices
${walk(found, "words", 2, "CURRENT")}
  if [[ -n $flag ]]; then
    case "$place $flag" in
${choices(found)
  .map(([place, words]) => `      "${place}") compadd -- ${words} ;;`)
  .join("\n")}
${Object.entries(LISTS)
  .map(([flag, words]) => `      *" ${flag}") compset -P '*,'; compadd -- ${words.join(" ")} ;;`)
  .join("\n")}
      ${FILES.map((flag) => `*" ${flag}"`).join("|")}) _files ;;
    esac
    return
  fi
  case $place in
${found.map((place) => `    ${single(place.path)}) choices=(${described(place)}) ;;`).join("\n")}
  esac
  _describe 'rollcall' choices
}
compdef _rollcall rollcall
`;
}

function fish(found: readonly Place[]): string {
  const lines = found.flatMap(({ path, words, flags }) => {
    const on = `complete -c rollcall -n ${single(`test (__rollcall_place) = ${single(path)}`)}`;
    return [
      ...words.map(({ name, description }) => `${on} -a ${name} -d ${single(description)}`),
      ...flags.map(({ name, description, takesValue, words: own }) => {
        const taken = own ?? LISTS[name];
        const value = taken === undefined ? " -x" : ` -x -a ${single(taken.join(" "))}`;
        const kind = FILES.includes(name) ? " -r -F" : value;
        return `${on} -l ${name.slice(2)}${takesValue ? kind : ""} -d ${single(description)}`;
      }),
    ];
  });
  return `# Completion of rollcall for fish: rollcall completion fish | source
function __rollcall_place
  set -l place
  set -l skips 0
  for word in (commandline -opc)[2..]
    if test $skips = 1
      set skips 0
    else if test "$word" = --
      # Ids follow.
      echo --
      return
    else if contains -- $word ${valued(found).join(" ")}
      set skips 1
    else if not string match -q -- '-*' $word
      set -l next (string join ' ' $place $word)
      if contains -- $next ${paths(found).map(single).join(" ")}
        set place $next
      end
    end
  end
  echo "$place"
end
complete -c rollcall -f
${lines.join("\n")}
`;
}

/** Text in single quotes, as the three shells read it. */
function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
