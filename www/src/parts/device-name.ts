/**
 * The names of devices.
 *
 * @module
 */

import Bowser from "bowser";
import { devices as texts } from "../texts";

/** How much of a device is named: `short` fits into a column. */
export type Detail = "short" | "full";

type System = Bowser.Parser.ParsedResult["os"];

/** A device such as `Chrome 140 on Windows`, or in full `Safari 18 on iOS 18.6, Apple iPhone`. */
export function deviceName(userAgent: string, detail: Detail): string {
  if (userAgent.trim() === "") return texts.unknown;
  const { browser, os, platform } = Bowser.parse(userAgent);
  const program = programOf(userAgent) ?? joined(browserName(browser.name), major(browser.version));
  const isFrozen = hasFrozenVersion(os, userAgent);
  const version = isFrozen ? undefined : (os.versionName ?? os.version);
  const system = detail === "full" ? joined(os.name, version) : os.name;
  // Every Mac is made by Apple; only the model says more than the system.
  const hasModel = detail === "full" && platform.model !== undefined;
  const machine = hasModel ? joined(platform.vendor, platform.model) : undefined;
  const place = [system, machine].filter(Boolean).join(", ");
  if (program !== "" && place !== "") return texts.on(program, place);
  return program || place || userAgent;
}

/** The program of a user agent that isn't a browser's, such as `curl 8` for `curl/8.5`. */
function programOf(userAgent: string): string | undefined {
  const [, name, version] = /^(?!Mozilla\/|Opera\/)([^/()\s]+)\/(\S+)/.exec(userAgent) ?? [];
  return name === undefined ? undefined : joined(name, major(version));
}

function browserName(name: string | undefined): string | undefined {
  return name?.replace(/^Microsoft /, "").replace(/ for Android$/, "");
}

function major(version: string | undefined): string | undefined {
  return version?.split(".")[0];
}

/**
 * Whether the version of the system is the one that browsers send for all later versions as well:
 * macOS 10.15, Windows NT 10.0, and Android 10 on the model `K`.
 */
function hasFrozenVersion({ name, version = "" }: System, userAgent: string): boolean {
  switch (name) {
    case "macOS":
      return /^10\.15(\.7)?$/.test(version);
    case "Windows":
      return version === "NT 10.0";
    case "Android":
      return /\bAndroid 10; K\)/.test(userAgent);
    default:
      return false;
  }
}

function joined(...words: (string | undefined)[]): string {
  return words.filter(Boolean).join(" ");
}
