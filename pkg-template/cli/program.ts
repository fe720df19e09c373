/**
 * The commands and their flags. The code of a command is loaded when it runs.
 *
 * @module
 */

import { Argument, Command, Option } from "commander";
import type { Client } from "./client.js";
import type { ConnectionFlags } from "./connection.js";
import type { DeliveryListFlags } from "./deliveries.js";
import type { EndFlags } from "./end.js";
import { EVENT_TYPES } from "./event-types.js";
import type { EventFlags } from "./events.js";
import { type ExitStatus, usage } from "./failure.js";
import { filterOptions } from "./filters.js";
import { checkValues, choice, collect } from "./flags.js";
import type { Output, OutputFlags } from "./output.js";
import type { PurgeFlags } from "./purge.js";
import type { ListFlags } from "./sessions.js";
import { suggestion } from "./suggestions.js";
import { safe } from "./text.js";

/** The flags that every command has, also before its name. */
export type CommonFlags = ConnectionFlags & OutputFlags;

/** Runs a command, and keeps its status. */
export interface Runner {
  /** Makes a client from the flags and gives it to the work. */
  run: (
    flags: CommonFlags,
    work: (client: Client, output: Output) => Promise<ExitStatus>,
  ) => Promise<void>;
  /** The arguments of the command. */
  args: readonly string[];
  version: string;
}

/** The whole command line. */
export function programOf({ run, args, version }: Runner): Command {
  const program = new Command("rollcall");
  common(program)
    .description("Lists who is signed in, and signs them out, everywhere.")
    .version(version, "--version", "show the version")
    .helpOption("-h, --help", "show the help")
    .enablePositionalOptions()
    .addHelpText("after", HELP);

  /** The flags of a command, with those before its name. */
  const flagsOf = <Flags>(command: Command): CommonFlags & Flags => ({
    ...program.opts<CommonFlags>(),
    ...given<CommonFlags & Flags>(command),
  });

  const sessions = program.command("sessions").description("list, show and end sessions");
  sessions.enablePositionalOptions();

  const list = sessions.command("list").description("list sessions, the newest first");
  filterOptions(list)
    .optionsGroup("What is printed:")
    .addOption(choice("--order <order>", "by their beginning (default: newest)", ORDERS))
    .option("--limit <n>", "at most so many (default: 25)")
    .option("--all", "all that match, page by page")
    .option("--columns <names>", "these columns, separated by commas")
    .option("--ndjson", "one JSON object a line")
    .option("--csv", "CSV, for spreadsheets");
  common(list).action(async (_flags: unknown, command: Command) => {
    const flags = flagsOf<ListFlags>(command);
    await run(flags, async (client, output) =>
      (await import("./sessions.js")).listSessions(client, output, flags),
    );
  });

  const show = sessions
    .command("show")
    .description("show one session")
    .argument("<sessionId>", "put -- before an id that begins with -")
    .option("--subject <id>", "its subject, where several subjects have the id");
  common(show).action(async (sessionId: string, _flags: unknown, command: Command) => {
    const flags = flagsOf<{ subject?: string }>(command);
    await run(flags, async (client, output) =>
      (await import("./sessions.js")).showSession(client, output, sessionId, flags),
    );
  });

  const end = sessions
    .command("end")
    .description("end sessions, after a dry run, and notify their clients")
    .argument("[sessionId...]", "put -- before an id that begins with -")
    .optionsGroup("Which sessions:")
    .option("--subject <id>", "all of this subject, or those with the ids that are its own")
    .option("--issuer <issuer>", "only those that began under this issuer")
    .optionsGroup("What goes with them:")
    .option("--client <id>", "limit tokens and notifications to this client; repeatable", collect)
    .option("--keep-session", "leave the sessions; end the rest");
  common(scope(end).option("--yes", "don't ask")).action(
    async (sessionIds: string[], _flags: unknown, command: Command) => {
      const flags = flagsOf<EndFlags>(command);
      await run(flags, async (client, output) =>
        (await import("./end.js")).endSessions(client, output, sessionIds, flags),
      );
    },
  );

  const purge = filterOptions(
    program.command("purge").description("end every session that matches, after a preview"),
  )
    .option("--everything", "every session there is")
    .optionsGroup("What goes with them:");
  const purging = scope(purge)
    .option("--confirm <n>", "don't ask, if exactly so many sessions match")
    .option("--batch <n>", "sessions in one call (default: 1000)");
  common(purging).action(async (_flags: unknown, command: Command) => {
    const flags = flagsOf<PurgeFlags>(command);
    await run(flags, async (client, output) =>
      (await import("./purge.js")).purge(client, output, flags, args),
    );
  });

  const deliveries = program
    .command("deliveries")
    .description("list and retry the notifications of clients");
  deliveries.enablePositionalOptions();

  const listed = deliveries
    .command("list")
    .description("list notifications")
    .optionsGroup("Which notifications:")
    .addOption(choice("--state <state>", "in this state", ["pending", "failed", "delivered"]))
    .option("--client <id>", "to this client")
    .option("--subject <id>", "about this subject")
    .option("--session <id>", "about the session that the client knows by this id")
    .optionsGroup("What is printed:")
    .option("--limit <n>", "at most so many (default: 25)")
    .option("--all", "all that match");
  common(listed).action(async (_flags: unknown, command: Command) => {
    const flags = flagsOf<DeliveryListFlags>(command);
    await run(flags, async (client, output) =>
      (await import("./deliveries.js")).listDeliveries(client, output, flags),
    );
  });

  const retry = deliveries
    .command("retry")
    .description("send notifications again that were given up")
    .argument("[id...]", "their ids, from `deliveries list --state failed`")
    .option("--all-failed", "all that were given up")
    .option("--client <id>", "with --all-failed: only those to this client");
  common(retry).action(async (ids: string[], _flags: unknown, command: Command) => {
    const flags = flagsOf<{ allFailed?: boolean; client?: string }>(command);
    await run(flags, async (client, output) =>
      (await import("./deliveries.js")).retryDeliveries(client, output, ids, flags),
    );
  });

  const events = program
    .command("events")
    .description("follow what happens, a line an event")
    .addOption(
      choice("--type <type>", "only events of this type; repeatable", EVENT_TYPES).argParser(
        collect,
      ),
    )
    .option("--since <id>", "also those since the event with this id");
  common(events).action(async (_flags: unknown, command: Command) => {
    const flags = flagsOf<EventFlags>(command);
    await run(flags, async (client, output) =>
      (await import("./events.js")).followEvents(client, output, flags),
    );
  });

  const stats = program
    .command("stats")
    .description("count sessions and notifications")
    .option("--hours <n>", "hours of sign-ins (default: 24)");
  common(stats).action(async (_flags: unknown, command: Command) => {
    const flags = flagsOf<{ hours?: string }>(command);
    await run(flags, async (client, output) =>
      (await import("./about.js")).showStats(client, output, flags),
    );
  });

  for (const [name, description, work] of [
    ["openapi", "print the OpenAPI document of the API", "showOpenApi"],
    ["whoami", "show the caller and its permissions", "showCaller"],
  ] as const) {
    const command = program.command(name).description(description);
    common(command).action(async (_flags: unknown, called: Command) => {
      await run(flagsOf(called), async (client, output) =>
        (await import("./about.js"))[work](client, output),
      );
    });
  }

  program
    .command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action(async (shell: string) => {
      const { completionScript } = await import("./completion.js");
      process.stdout.write(completionScript(program, shell));
    });
  for (const group of [program, sessions, deliveries]) addHelp(group);
  checkValues(program);
  return program;
}

/** The command `help`. Commander's own takes one name, and any. */
function addHelp(group: Command): void {
  group
    .helpCommand(false)
    .command("help", { hidden: group.parent !== null })
    .description("show the help of a command")
    .argument("[command...]")
    .action((names: string[]) => {
      let command = group;
      for (const name of names) {
        const found = command.commands.find((one) => one.name() === name);
        if (found === undefined) {
          const known = command.commands.map((one) => one.name());
          throw usage(`unknown command \`${safe(name)}\`${suggestion(name, known)}`);
        }
        command = found;
      }
      command.outputHelp();
    });
}

/** The flags that were given, without defaults. */
function given<Flags>(command: Command): Flags {
  const options = Object.entries(command.opts());
  const names = options.filter(([name]) => command.getOptionValueSource(name) !== "default");
  return Object.fromEntries(names) as Flags;
}

function common(command: Command): Command {
  return command
    .optionsGroup("Where the sessions are:")
    .option("--url <url>", "the mount point of an admin API (or ROLLCALL_URL)")
    .option("--token-file <file>", "the file with the token (or the token in ROLLCALL_TOKEN)")
    .option("--host <file.mjs>", "a module whose default export is a host")
    .option("--database <url>", "sqlite:, postgres:, mysql: or mariadb: (or ROLLCALL_DATABASE)")
    .optionsGroup("Output:")
    .option("--json", "print the JSON of the API")
    .option("--no-color", "print no colours (or NO_COLOR)")
    .option("--quiet", "print nothing beside the data, except errors")
    .optionsGroup("Options:");
}

function scope(command: Command): Command {
  return command
    .option("--keep-tokens", "revoke no tokens")
    .option("--keep-consents", "revoke no consents")
    .addOption(new Option("--no-notify", "notify no clients"))
    .option("--except <sessionId>", "leave this session; repeatable", collect)
    .option("--include-own", "end your own session too, where the API knows it")
    .option("--reason <text>", "the reason, for the event log")
    .optionsGroup("How:")
    .option("--dry-run", "show what would end, and change nothing");
}

const ORDERS = ["newest", "oldest"];

const HELP = `
Exit status: 0 done, 1 failed, 2 wrong arguments, 3 not signed in or forbidden, 4 no such session,
5 not confirmed or out of date, 6 done but a client could not be notified, 130 interrupted.`;
