/**
 * Devices in words.
 *
 * @module
 */

import Bowser from "bowser";
import { session as texts } from "../../texts";

/** A device such as `Chrome 131 on Windows 10`. */
export function deviceText(userAgent: string): string {
  const { browser, os, platform } = Bowser.parse(userAgent);
  const version = browser.version?.split(".")[0] ?? "";
  const program = [browser.name, version].filter(Boolean).join(" ");
  const system = [os.name, os.versionName ?? os.version].filter(Boolean).join(" ");
  const machine = [platform.vendor, platform.model].filter(Boolean).join(" ");
  const place = [system, machine].filter(Boolean).join(", ");
  if (program !== "" && place !== "") return texts.on(program, place);
  return program || place || texts.unknownDevice;
}
