"""Messages as they go over brokers, and their seals: src/Anywire/Anywire.Messaging/README.md in Python."""

import base64
import hashlib
import hmac
import json
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
REQUEST, END = 1, 2
SEAL = 16


class Refused(Exception):
    """A message that nobody may act on."""


class Keys:
    """What one service seals its messages with: the file message-keys.json that twite keys makes."""

    def __init__(self, folder, name):
        with open(os.path.join(folder, "message-keys.json"), encoding="utf-8") as file:
            read = json.load(file)
        self.name, self.current, self._own, self._peers = name, read["current"], read["own"], read["peers"]

    def seal(self, message, receiver):
        return message + _seal(self._secret(self.name, receiver, receiver, self.current), message)

    def open(self, message, sender, number):
        """The message without its seal, when the sender has sealed it to this service."""
        body, seal = message[:-SEAL], message[-SEAL:]
        if len(message) < SEAL or not hmac.compare_digest(_seal(self._secret(sender, self.name, sender, number), body), seal):
            raise Refused(f"{sender} has not sealed it")
        return body

    def _secret(self, sender, receiver, peer, number):
        own, theirs = self._own.get(str(number)), self._peers.get(peer, {}).get(str(number))
        if own is None or theirs is None:
            raise Refused(f"there is no key {number} for {peer}")
        return secret(base64.b64decode(own), base64.b64decode(theirs), sender, receiver)


def secret(private, public, sender, receiver):
    """The key of two services in one direction."""
    shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
    info = b"anywire message 1\0" + sender.encode() + b"\0" + receiver.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(shared)


def head(kind, number, call, sender, receiver):
    return struct.pack(">BBI", VERSION, kind, number) + call + _name(sender) + _name(receiver)


def request(keys, call, receiver, path, expiry, body):
    """A sealed request: expiry in milliseconds since 1970, body a serialized protobuf message."""
    message = head(REQUEST, keys.current, call, keys.name, receiver)
    message += _text(path) + struct.pack(">QII", expiry, 0, 0) + body
    return keys.seal(message, receiver)


class End:
    """How a call ended: status (a gRPC code), message, and the reply's bytes when there is one."""

    def __init__(self, keys, message, call, sender):
        reader = _Reader(message)
        version, kind, number = reader.unpack(">BBI")
        if (version, kind, reader.take(16), reader.name(), reader.name()) != (VERSION, END, call, sender, keys.name):
            raise Refused("it is not the end of the call")
        reader.data = keys.open(message, sender, number)
        (self.status,) = reader.unpack(">B")
        self.message = reader.text()
        (entries,) = reader.unpack(">I")
        for _ in range(entries):
            reader.name()
            reader.take(reader.unpack(">I")[0])
        _, has_reply = reader.unpack(">IB")
        self.reply = reader.data[reader.at:] if has_reply else None


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Refused("it ends in the middle")
        self.at += count
        return self.data[self.at - count:self.at]

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def name(self):
        return self._decoded(self.unpack(">B")[0])

    def text(self):
        return self._decoded(self.unpack(">I")[0])

    def _decoded(self, count):
        try:
            return self.take(count).decode()
        except UnicodeDecodeError:
            raise Refused("it is not UTF-8") from None


def _name(value):
    data = value.encode()
    return bytes([len(data)]) + data


def _text(value):
    data = value.encode()
    return struct.pack(">I", len(data)) + data


def _seal(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()[:SEAL]
