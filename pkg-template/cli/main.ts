/**
 * The command `rollcall`.
 *
 * @module
 */

import { CommanderError } from "commander";
import { EXIT, type ExitStatus, type Failure, failureOf, usage } from "./failure.js";
import { hasFlag } from "./flags.js";
import { Output, type OutputFlags } from "./output.js";
import { type CommonFlags, programOf } from "./program.js";
import { didYouMean } from "./suggestions.js";
import { safe } from "./text.js";
import { VERSION } from "./version.js";

const args = process.argv.slice(2);
let status: ExitStatus = EXIT.done;

/** A reader such as `head` may have enough before the end. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exit(EXIT.failed);
  if (!output.mustFinish) process.exit(EXIT.done);
  output.close();
});
process.stderr.on("error", () => {});

const program = programOf({
  args,
  version: VERSION,
  run: async (flags, work) => {
    output = new Output(flags);
    status = await withClient(flags, work);
  },
});
// A mistake in the arguments is reported before the flags are known.
let output = new Output({ json: hasFlag(program, args, "json") });

async function withClient(
  flags: CommonFlags & OutputFlags,
  work: Parameters<Parameters<typeof programOf>[0]["run"]>[1],
): Promise<ExitStatus> {
  const [{ Client }, { connect }] = await Promise.all([
    import("./client.js"),
    import("./connection.js"),
  ]);
  const connection = await connect(flags, output);
  try {
    return await work(new Client(connection), output);
  } finally {
    await connection.settle();
  }
}

/** Commander ends the process itself, unless every command forbids it, and prints errors itself. */
function throwing(command: typeof program): void {
  command.exitOverride().configureOutput({
    outputError: () => {},
    // The help, where a command is missing.
    writeErr: (text) => {
      if (!output.json) process.stderr.write(text);
    },
  });
  for (const one of command.commands) throwing(one);
}

/** The failure that ends the command, if any. */
function failureOfCommand(error: unknown): Failure | undefined {
  if (!(error instanceof CommanderError)) return failureOf(error);
  if (error.exitCode === 0) return undefined;
  if (error.code === "commander.help") return usage("give a command: `rollcall help` lists them");
  // Commander quotes arguments in its errors.
  const [message = "", guess = ""] = error.message.replace(/^error: /, "").split(/\n(?=\(Did )/);
  const [, words] = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(guess) ?? [];
  const quoted = safe(message.replaceAll(/'([^'\n]*)'/g, "`$1`"))
    .replace(/\.$/, "")
    .replace(/\. (Expected|Allowed)/, (begin) => begin.replace(".", ":").toLowerCase());
  return usage(`${quoted}${didYouMean(words?.split(", ") ?? [])}`);
}

throwing(program);
try {
  await program.parseAsync(args, { from: "user" });
} catch (error) {
  const failure = failureOfCommand(error);
  status = failure?.status ?? EXIT.done;
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  if (failure !== undefined && (output.json || !isHelp)) output.fail(failure);
}
// Pools of databases and hosts would keep the process alive.
if (output.isClosed) process.exit(status);
process.stdout.write("", () => process.exit(status));
