"""User assertions: compact JWTs (RFC 7519) with ES256 (RFC 7518) that prove a person to the other services for 60 s."""

import base64
import json
import secrets
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from anywire.failures import failure

LIFETIME = 60
_ALGORITHM = ec.ECDSA(hashes.SHA256())
_NUMBER = 32


def new_key():
    """A key's name and its private key (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return secrets.token_hex(8), key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Keyring:
    """Signs with one key and knows its own assertions again. Any thread may use it."""

    def __init__(self, key_id, private_key):
        self._id = key_id
        self._key = serialization.load_der_private_key(private_key, None)
        self._header = _encode(json.dumps({"alg": "ES256", "kid": key_id, "typ": "JWT"}).encode())
        self._lock = threading.Lock()
        self.public = self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def reply(self):
        """AssertionKeysReply."""
        return {"keys": [{"id": self._id, "publicKey": base64.b64encode(self.public).decode()}]}

    def sign(self, account_id, name):
        """An assertion, and when it expires (seconds since 1970)."""
        now = int(time.time())
        claims = {"sub": str(account_id), "name": name, "iat": now, "exp": now + LIFETIME}
        signed = f"{self._header}.{_encode(json.dumps(claims).encode())}"
        with self._lock:
            r, s = decode_dss_signature(self._key.sign(signed.encode(), _ALGORITHM))
        # JWS has the two numbers side by side, not in ASN.1.
        return f"{signed}.{_encode(r.to_bytes(_NUMBER, 'big') + s.to_bytes(_NUMBER, 'big'))}", now + LIFETIME

    def require(self, assertion):
        """The id of the account that a call acts for."""
        if assertion is None:
            raise _refused("Log in first: this call acts for a person and no proof of who it is came with it.")
        try:
            signed, _, signature = assertion.rpartition(".")
            header, claims = (json.loads(_decode(part)) for part in signed.split("."))
            numbers = _decode(signature)
            if header["alg"] != "ES256" or header["kid"] != self._id or len(numbers) != 2 * _NUMBER:
                raise ValueError("not one of ours")
            r, s = (int.from_bytes(numbers[i:i + _NUMBER], "big") for i in (0, _NUMBER))
            self._key.public_key().verify(encode_dss_signature(r, s), signed.encode(), _ALGORITHM)
            if claims["exp"] <= time.time():
                raise ValueError("expired")
            return int(claims["sub"])
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise _refused("The proof of who is calling is not valid, or no longer.") from None


def _refused(message):
    return failure("UNAUTHENTICATED", "USER_ASSERTION", message)


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
