"""A relying party that validates logout tokens with idpyoidc.

Reads one JSON object per line: the logout token, its expected values, and the provider's keys.
Writes one per line: the claims that the validator verified, or the error that it raised.
"""

import json
import sys

from cryptojwt.key_jar import KeyJar
from idpyoidc.message.oidc import verified_claim_name
from idpyoidc.message.oidc.session import BackChannelLogoutRequest


def check(token, issuer, client_id, keys, alg):
    key_jar = KeyJar()
    key_jar.import_jwks(keys, issuer)
    request = BackChannelLogoutRequest(logout_token=token)
    try:
        request.verify(keyjar=key_jar, iss=issuer, aud=client_id, allowed_sign_alg=alg)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return request[verified_claim_name("logout_token")].to_dict()


for line in sys.stdin:
    print(json.dumps(check(**json.loads(line))), flush=True)
