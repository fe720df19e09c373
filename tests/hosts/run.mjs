/**
 * Runs the suite on one host, with the package as it's published: `node tests/hosts/run.mjs HOST`.
 *
 * Exit status: 0 if all passed, 1 if one failed, 77 if this machine doesn't have the host (the last
 * line is the reason). Without an argument it prints the names of the hosts.
 */

import { project } from "../packaging/project.mjs";
import { hosts } from "./hosts.mjs";
import { Unavailable } from "./tools.mjs";

const NOT_AVAILABLE = 77;

const [name] = process.argv.slice(2);
if (name === undefined) {
  console.log(Object.keys(hosts).join("\n"));
} else if (!Object.hasOwn(hosts, name)) {
  throw new Error(`no host \`${name}\`: the hosts are ${Object.keys(hosts).join(", ")}`);
} else {
  process.exitCode = await runOn(name);
}

async function runOn(host) {
  try {
    const { version, passed, failures } = await hosts[host](await project("hosts"));
    for (const failure of failures) console.log(`${failure.name}: ${failure.error}`);
    console.log(`${version}: ${passed} passed, ${failures.length} failed`);
    return failures.length === 0 && passed > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(error.message);
    return NOT_AVAILABLE;
  }
}
