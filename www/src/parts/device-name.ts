/**
 * The names of devices.
 *
 * @module
 */

import Bowser from "bowser";
import { devices as texts } from "../texts";

/** The browser and the system of a user agent, such as `Chrome 140 on Windows`. */
export function deviceName(userAgent: string): string {
  if (userAgent.trim() === "") return texts.unknown;
  const { browser, os } = Bowser.parse(userAgent);
  const version = browser.version?.split(".")[0];
  // Leave out the vendor, to save space, and the system's version, which browsers no longer report.
  const name = [browser.name?.replace(/^Microsoft /, ""), version].filter(Boolean).join(" ");
  if (name !== "" && os.name !== undefined) return texts.on(name, os.name);
  // Programs that aren't browsers are named before the first slash: `curl/8.5`.
  return name || os.name || userAgent;
}
