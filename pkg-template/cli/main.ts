/**
 * The command `rollcall`.
 *
 * @module
 */

import { CommanderError } from "commander";
import { EXIT, type ExitStatus, Failure, messageOf } from "./failure.js";
import { Output, type OutputFlags } from "./output.js";
import { type CommonFlags, programOf } from "./program.js";
import { safe, safeJson } from "./text.js";
import { VERSION } from "./version.js";

const args = process.argv.slice(2);
let output = new Output({});
let status: ExitStatus = EXIT.done;

/** A reader such as `head` may have enough before the end. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed);
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

/** Commander ends the process itself, unless every command forbids it. */
function throwing(command: typeof program): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) => write(safeLines(text.replaceAll(/'([^'\n]*)'/g, "`$1`"))),
  });
  for (const one of command.commands) throwing(one);
}

/** Commander quotes arguments in its errors. */
function safeLines(text: string): string {
  return text
    .split("\n")
    .map((line) => safe(line).replace(/\.$/, ""))
    .join("\n");
}

function statusOf(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof Failure) {
    const { problem, message } = error;
    if (output.json && problem !== undefined) output.insist(safeJson(problem));
    else output.insist(`error: ${message}`);
    return error.status;
  }
  output.insist(`error: ${safe(messageOf(error))}`);
  return EXIT.failed;
}

throwing(program);
try {
  await program.parseAsync(args, { from: "user" });
} catch (error) {
  status = statusOf(error);
}
// Pools of databases and hosts would keep the process alive.
process.stdout.write("", () => process.exit(status));
