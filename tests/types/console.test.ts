// The handler of the console's files. Only compiled, never run.

import { type ConsoleFiles, type ConsoleFilesOptions, consoleFiles } from "rollcall/console";

const options: ConsoleFilesOptions = { api: "/admin/api/", basePath: "/admin" };
const files: ConsoleFiles = consoleFiles(options);
const response: Promise<Response> = files(new Request("https://id.example.com/admin/"));
void response;
consoleFiles();
consoleFiles({ api: undefined, basePath: undefined });

// @ts-expect-error: the option is called `basePath`
consoleFiles({ path: "/admin" });
// @ts-expect-error: a path and no URL object
consoleFiles({ api: new URL("https://id.example.com/api/") });
// @ts-expect-error: a web-standard request
files("/admin/");
