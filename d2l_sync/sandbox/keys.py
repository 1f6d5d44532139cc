"""A key pair for the client-credentials application of the sandbox."""

import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from d2l_sync.sandbox.handle import SERVICE_KEY_ID
from d2l_sync.sandbox.web import Block


@dataclass(frozen=True, slots=True)
class KeyPair:
    """private_pem: PKCS 8, for ES256. jwks: the public half, as an auth server would fetch it."""

    private_pem: str
    jwks: Block

    @classmethod
    def made(cls) -> "KeyPair":
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public: Block = json.loads(ECAlgorithm.to_jwk(key.public_key()))
        return cls(pem.decode(), {"keys": [public | {"kid": SERVICE_KEY_ID, "alg": "ES256", "use": "sig"}]})
