"""The private-key JWT by which a client of client credentials says who it is (RFC 7523)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import jwt

from d2l_sync.sandbox.web import Block

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
LONGEST_LIFE_S = 300
ALLOWED_SKEW_S = 5


class AssertionFault(ValueError):
    """The assertion does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class Assertion:
    client_id: str
    token_id: str


def read_assertion(text: str, *, key_sets: Mapping[str, Block], audience: str, now: datetime) -> Assertion:
    """Check signature, audience, issuer, times and id of an assertion.

    key_sets: JWKS by client id. Raises AssertionFault, or PyJWT's own errors. Whether the id was used before
    is the caller's to know.
    """
    header = jwt.get_unverified_header(text)
    client_id = str(jwt.decode(text, options={"verify_signature": False}).get("iss", ""))
    key = _key(key_sets.get(client_id), header.get("kid"))
    claims = jwt.decode(
        text,
        key,
        algorithms=ALGORITHMS,
        audience=audience,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat", "jti"]},
    )
    if claims.get("sub") != client_id:
        raise AssertionFault("iss and sub must both be the client id")
    _check_times(int(claims["iat"]), int(claims["exp"]), now.timestamp())
    return Assertion(client_id, str(claims["jti"]))


def _key(key_set: Block | None, key_id: object) -> jwt.PyJWK:
    if key_set is None:
        raise AssertionFault("no keys are registered for this client")
    for key in jwt.PyJWKSet.from_dict(key_set).keys:
        if key.key_id == key_id:
            return key
    raise AssertionFault(f"no registered key has the kid {key_id}")


def _check_times(issued: int, expires: int, now: float) -> None:
    if issued > now + ALLOWED_SKEW_S:
        raise AssertionFault("the assertion was issued in the future")
    if expires <= now - ALLOWED_SKEW_S:
        raise AssertionFault("the assertion has expired")
    if expires > now + LONGEST_LIFE_S + ALLOWED_SKEW_S:
        raise AssertionFault("the assertion lives longer than five minutes")
