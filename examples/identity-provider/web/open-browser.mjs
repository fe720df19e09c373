// @ts-check
/**
 * Opens a page in the user's browser.
 *
 * @module
 */

import { spawn } from "node:child_process";

/** @type {Partial<Record<NodeJS.Platform, string[]>>} */
const COMMANDS = {
  darwin: ["open"],
  // `start` takes its first quoted argument as the title of a window. Node quotes an empty one.
  win32: ["cmd", "/c", "start", ""],
};

/** Whether a person sits at the terminal. */
export function hasUser() {
  return process.stdout.isTTY === true && !process.env.CI;
}

/**
 * Opens the page. If that isn't possible, a line says so.
 *
 * @param {string} url
 * @param {(line: string) => void} log
 */
export function openBrowser(url, log) {
  const [command = "", ...args] = COMMANDS[process.platform] ?? ["xdg-open"];
  // Detached, so that Ctrl-C ends this program and not the browser.
  const child = spawn(command, [...args, url], { detached: true, stdio: "ignore" });
  const fail = () => log(`no browser could be opened: open ${url} yourself`);
  child.once("error", fail);
  child.once("exit", (code) => {
    if (code !== null && code !== 0) fail();
  });
  child.unref();
}
