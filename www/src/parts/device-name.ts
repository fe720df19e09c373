/**
 * The names of devices.
 *
 * @module
 */

import Bowser from "bowser";
import { devices as texts } from "../texts";

/** How much of a device is named: `short` fits into a column. */
export type Detail = "short" | "full";

/** A device such as `Chrome 140 on Windows`, or in full `Safari 18 on iOS 18.6, Apple iPhone`. */
export function deviceName(userAgent: string, detail: Detail): string {
  if (userAgent.trim() === "") return texts.unknown;
  const { browser, os, platform } = Bowser.parse(userAgent);
  const version = browser.version?.split(".")[0];
  const program = joined(browser.name?.replace(/^Microsoft /, ""), version);
  const system = detail === "full" ? joined(os.name, os.versionName ?? os.version) : os.name;
  const machine = detail === "full" ? joined(platform.vendor, platform.model) : undefined;
  const place = [system, machine].filter(Boolean).join(", ");
  if (program !== "" && place !== "") return texts.on(program, place);
  // Programs that aren't browsers are named before the first slash: `curl/8.5`.
  return program || place || userAgent;
}

function joined(...words: (string | undefined)[]): string {
  return words.filter(Boolean).join(" ");
}
