/**
 * The name of a device.
 *
 * @module
 */

import Bowser from "bowser";

/** The browser and the system of a user agent, such as `Chrome 124 · Windows`. */
export function deviceName(userAgent: string): string {
  if (userAgent.trim() === "") return "";
  const { browser, os } = Bowser.parse(userAgent);
  const version = browser.version?.split(".")[0];
  // The vendor would need the room of the version.
  const name = [browser.name?.replace(/^Microsoft /, ""), version].filter(Boolean).join(" ");
  // Programs that aren't browsers are named before the first slash: `curl/8.5`.
  return [name, os.name].filter(Boolean).join(" · ") || userAgent;
}
