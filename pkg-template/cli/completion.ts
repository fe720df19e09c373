/**
 * `rollcall completion`: scripts that complete commands, flags and the words that flags take.
 *
 * @module
 */

import type { Command } from "commander";
import { usage } from "./failure.js";

/** The words that a flag takes. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "--state": ["active", "expired", "any", "pending", "failed", "delivered"],
  "--order": ["newest", "oldest"],
};
/** The flags that take a file. */
const FILES = ["--token-file", "--host"];

/** The shells that there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A command by its path, such as `sessions list`, with what can follow it. */
interface Place {
  path: string;
  commands: readonly Command[];
  flags: readonly { long: string; description: string; takesValue: boolean }[];
}

/** The script for a shell. */
export function completionScript(program: Command, shell: string): string {
  const found = places(program, "");
  switch (shell) {
    case "bash":
      return bash(found);
    case "zsh":
      return zsh(found);
    case "fish":
      return fish(found);
    default:
      throw usage(`there is completion for ${SHELLS.join(", ")}`);
  }
}

function places(command: Command, path: string): Place[] {
  const commands = command.commands.filter((one) => one.name() !== "help");
  const flags = command.options
    .filter(({ long }) => long !== undefined)
    .map(({ long, description, required, optional }) => ({
      long: long ?? "",
      description,
      takesValue: required || optional,
    }));
  flags.push({ long: "--help", description: "show the help", takesValue: false });
  const below = commands.flatMap((one) => places(one, `${path} ${one.name()}`.trim()));
  return [{ path, commands, flags }, ...below];
}

/** The flags with a value, which don't count as commands, and neither do their values. */
function valued(found: readonly Place[]): string[] {
  const flags = found.flatMap((place) => place.flags);
  return [...new Set(flags.filter(({ takesValue }) => takesValue).map(({ long }) => long))];
}

function wordsOf({ commands, flags }: Place): string {
  return [...commands.map((one) => one.name()), ...flags.map(({ long }) => long)].join(" ");
}

function bash(found: readonly Place[]): string {
  return `# Completion of rollcall for bash: source <(rollcall completion bash)
_rollcall() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local place="" words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${valued(found).join("|")}) ((index++)) ;;
      -*) ;;
      *) place+="\${place:+ }\${COMP_WORDS[index]}" ;;
    esac
  done
  case $previous in
${Object.entries(WORDS)
  .map(
    ([flag, words]) =>
      `    ${flag}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")); return ;;`,
  )
  .join("\n")}
    ${FILES.join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${valued(found)
      .filter((flag) => !(flag in WORDS) && !FILES.includes(flag))
      .join("|")}) COMPREPLY=(); return ;;
  esac
  case $place in
${found
  .map((place) => `    "${place.path}"*) words="${wordsOf(place)}" ;;`)
  .reverse()
  .join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _rollcall rollcall
`;
}

function zsh(found: readonly Place[]): string {
  const described = (place: Place) =>
    [
      ...place.commands.map((one) => [one.name(), one.description()] as const),
      ...place.flags.map(({ long, description }) => [long, description] as const),
    ]
      .map(([name, description]) => single(`${name}:${description.replaceAll(":", "\\:")}`))
      .join(" ");
  return `#compdef rollcall
# Completion of rollcall for zsh: source <(rollcall completion zsh)
_rollcall() {
  local place="" index
  local -a choices
  for ((index = 2; index < CURRENT; index++)); do
    case \${words[index]} in
      ${valued(found).join("|")}) ((index++)) ;;
      -*) ;;
      *) place+="\${place:+ }\${words[index]}" ;;
    esac
  done
  case \${words[CURRENT-1]} in
${Object.entries(WORDS)
  .map(([flag, words]) => `    ${flag}) compadd -- ${words.join(" ")}; return ;;`)
  .join("\n")}
    ${FILES.join("|")}) _files; return ;;
    ${valued(found)
      .filter((flag) => !(flag in WORDS) && !FILES.includes(flag))
      .join("|")}) return ;;
  esac
  case $place in
${found
  .map((place) => `    ${single(place.path)}*) choices=(${described(place)}) ;;`)
  .reverse()
  .join("\n")}
  esac
  _describe 'rollcall' choices
}
compdef _rollcall rollcall
`;
}

function fish(found: readonly Place[]): string {
  const lines = found.flatMap(({ path, commands, flags }) => {
    const on = `complete -c rollcall -n ${single(`test (__rollcall_place) = ${single(path)}`)}`;
    return [
      ...commands.map((one) => `${on} -a ${one.name()} -d ${single(one.description())}`),
      ...flags.map(({ long, description, takesValue }) => {
        const words = WORDS[long];
        const value = words === undefined ? " -x" : ` -x -a ${single(words.join(" "))}`;
        const taken = FILES.includes(long) ? " -r -F" : value;
        return `${on} -l ${long.slice(2)}${takesValue ? taken : ""} -d ${single(description)}`;
      }),
    ];
  });
  const groups = found.filter(({ path, commands }) => path !== "" && commands.length > 0);
  return `# Completion of rollcall for fish: rollcall completion fish | source
function __rollcall_place
  set -l place
  set -l skips 0
  for word in (commandline -opc)[2..]
    if test $skips = 1
      set skips 0
    else if contains -- $word ${valued(found).join(" ")}
      set skips 1
    else if not string match -q -- '-*' $word
      set -l depth (count $place)
      if test $depth = 0; or begin; test $depth = 1; and contains -- $place[1] ${groups
        .map(({ path }) => path)
        .join(" ")}; end
        set -a place $word
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
