"""The example's messages and seals against the vector of tests/Messaging/SealTests.cs, and against what a stranger may send."""

import base64
import json
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "examples", "python"))

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: E402

from anywire import messages  # noqa: E402

CALL = struct.pack(">QQ", 1, 2)
WEB = bytes(range(1, 33))
ACCOUNTS_PUBLIC = bytes.fromhex("5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b")
# Any: the vector gives only the public one.
ACCOUNTS = bytes(range(101, 133))


def public(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def keys(name, own, peer, peers_public):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "message-keys.json"), "w", encoding="utf-8") as file:
            json.dump({"current": 1, "own": {"1": base64.b64encode(own).decode()},
                       "peers": {peer: {"1": base64.b64encode(peers_public).decode()}}}, file)
        return messages.Keys(folder, name)


class Messages(unittest.TestCase):
    def setUp(self):
        self.web = keys("web", WEB, "accounts", public(ACCOUNTS))
        self.accounts = keys("accounts", ACCOUNTS, "web", public(WEB))

    def end(self, tail=b"reply"):
        message = messages.head(messages.END, 1, CALL, "accounts", "web") + b"\x05" + struct.pack(">I", 4) + b"gone"
        message += struct.pack(">I", 1) + b"\x01k" + struct.pack(">I", 2) + b"vw" + struct.pack(">I", 0) + b"\x01" + tail
        return self.accounts.seal(message, "web")

    def test_the_seal_is_these_bytes(self):
        web = keys("web", WEB, "accounts", ACCOUNTS_PUBLIC)
        sealed = web.seal(messages.head(messages.REQUEST, 1, CALL, "web", "accounts") + b"\x07\x08", "accounts")
        self.assertEqual(
            "01" "01" "00000001" "0000000000000001" "0000000000000002" "03776562" "086163636f756e7473" "0708" "bdefa13136ae8deae034352f8c08a0be",
            sealed.hex())

    def test_a_request_is_as_the_page_says(self):
        sealed = messages.request(self.web, CALL, "accounts", "/a/B", 258, b"\x07")
        body = "00000004" "2f612f42" "0000000000000102" "00000000" "00000000" "07"
        self.assertEqual(messages.head(messages.REQUEST, 1, CALL, "web", "accounts").hex() + body, self.accounts.open(sealed, "web", 1).hex())

    def test_an_end_is_read(self):
        end = messages.End(self.web, self.end(), CALL, "accounts")
        self.assertEqual((5, "gone", b"reply"), (end.status, end.message, end.reply))

    def test_an_end_that_was_changed_or_cut_anywhere_is_refused(self):
        sealed = self.end()
        for at in range(len(sealed)):
            for bits in (1, 128):
                changed = bytearray(sealed)
                changed[at] ^= bits
                with self.assertRaises(messages.Refused):
                    messages.End(self.web, bytes(changed), CALL, "accounts")
            with self.assertRaises(messages.Refused):
                messages.End(self.web, sealed[:at], CALL, "accounts")

    def test_own_words_are_not_the_others(self):
        with self.assertRaises(messages.Refused):
            self.web.open(self.web.seal(b"x", "accounts"), "accounts", 1)


if __name__ == "__main__":
    unittest.main()
