// The Apache server of the tests, with mod_auth_openidc: a site that signs people in at an OpenID
// Provider.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  giveToAccount,
  programPath,
  startProgram,
  temporaryFolder,
  Unavailable,
} from "./server.mjs";

/** The folder of the modules in Debian's package. */
const MODULES = "/usr/lib/apache2/modules";

const NEEDED = [
  ...["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "rewrite"],
  "auth_openidc",
];

/** Fails with `Unavailable` if Apache or the module isn't installed. */
export function checkApache() {
  programPath("apache2", ["/usr/sbin"]);
  try {
    readFileSync(join(MODULES, "mod_auth_openidc.so"));
  } catch {
    throw new Unavailable("no mod_auth_openidc found: install `libapache2-mod-auth-openidc`");
  }
}

/**
 * Starts a site. Its page `/` is JSON with the `sub` and `sid` of the signed-in person, and
 * `/login` signs in.
 *
 * @param {{ issuer: string, port: number, clientId: string, clientSecret: string }} options
 * @returns {Promise<{ stop: () => Promise<void> }>}
 */
export async function startApache({ issuer, port, clientId, clientSecret }) {
  checkApache();
  const folder = temporaryFolder("apache");
  const site = join(folder, "site");
  mkdirSync(site);
  writeFileSync(
    join(site, "index.html"),
    '{ "sub": "<!--#echo var="OIDC_CLAIM_sub" -->", "sid": "<!--#echo var="OIDC_CLAIM_sid" -->" }',
  );
  const account = giveToAccount(folder, "www-data");
  const lines = [
    ...NEEDED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    ...(account === undefined ? [] : ["User www-data", "Group www-data"]),
    "ServerName 127.0.0.1",
    `Listen 127.0.0.1:${port}`,
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}`,
    `PidFile ${folder}/pid`,
    `DocumentRoot ${site}`,
    `ErrorLog ${folder}/error.log`,
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCRedirectURI http://127.0.0.1:${port}/callback`,
    `OIDCClientID ${clientId}`,
    `OIDCClientSecret "${clientSecret}"`,
    "OIDCCryptoPassphrase of-the-site-alone",
    'OIDCScope "openid profile"',
    "OIDCPKCEMethod S256",
    "OIDCPassClaimsAs environment",
    '<Location "/">',
    "  AuthType openid-connect",
    "  Require valid-user",
    "  OIDCUnAuthAction pass",
    "  Options +Includes",
    "  SetOutputFilter INCLUDES",
    "</Location>",
    '<Location "/login">',
    // Node's `fetch` says that it isn't a navigation, so the default answer would be 401.
    "  OIDCUnAuthAction auth true",
    "  RewriteEngine On",
    '  RewriteRule ".*" "/" [R=302,L]',
    "</Location>",
  ];
  const configuration = join(folder, "apache.conf");
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  const isReady = async () => (await fetch(`http://127.0.0.1:${port}/`)).ok;
  return startProgram(
    programPath("apache2", ["/usr/sbin"]),
    ["-D", "FOREGROUND", "-f", configuration],
    { cwd: folder, isReady },
  );
}
