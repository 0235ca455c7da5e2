"""Calls by datagrams on a plain wire: src/Anywire/Anywire.Udp/README.md in Python, with its standard library alone."""

import hashlib
import os
import socket
import struct
import time

HELLO, WELCOME, UNKNOWN, PLAIN = 3, 4, 5, 2
EVENT, REQUEST, END, HANDLED, HEADERS, WORKING, CANCEL, REPORT, PROBE, LEAVING = range(1, 11)
VERSION = 1
MESSAGES = 1202
NEVER = 0xFFFFFFFF
WINDOW = 2048
KNOWN_KEYS = {
    129: "traceparent", 130: "tracestate", 131: "anywire-event-id", 132: "anywire-caller", 133: "anywire-user", 134: "anywire-not-executed",
    135: "grpc-status-details-bin",
}
UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL = 14, 4, 8, 13


class CallFailed(Exception):
    """A call that did not end well: gRPC's status code, the service's own sentence, and the trailers."""

    def __init__(self, code, message, trailers=()):
        super().__init__(message)
        self.code, self.trailers = code, list(trailers)


def method(path):
    return hashlib.sha256(path.encode()).digest()[:4]


def message(kind, content):
    return struct.pack(">BH", kind, len(content)) + content


def metadata(entries):
    """Pairs of key and value: bytes for keys that end in -bin, else text."""
    encoded = bytes([len(entries)])
    for key, value in entries:
        known = [number for number, name in KNOWN_KEYS.items() if name == key]
        encoded += bytes(known) if known else bytes([len(key)]) + key.encode("ascii")
        data = value if key.endswith("-bin") else value.encode()
        encoded += struct.pack(">H", len(data)) + data
    return encoded


def request(call, remaining, path, entries, body):
    return message(REQUEST, struct.pack(">QI", call, remaining) + method(path) + metadata(entries) + body)


def event(path, entries, body):
    return message(EVENT, method(path) + metadata(entries) + body)


def datagram(session, counter, messages):
    return struct.pack(">BBIQ", PLAIN, 0, session, counter) + messages


class Reader:
    """What a message says, from its front to its end."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise ValueError("it ends in the middle")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def text(self):
        return self.take(self.number(2)).decode()

    def rest(self):
        return self.take(len(self.data) - self.at)

    def metadata(self):
        entries = []
        for _ in range(self.number(1)):
            head = self.number(1)
            if head == 128:
                digits = self.take(25).hex()
                entries.append(("traceparent", f"00-{digits[:32]}-{digits[32:48]}-{digits[48:]}"))
                continue
            if head > 128 and head not in KNOWN_KEYS:
                raise ValueError("it has a key of a number that is not known")
            key = KNOWN_KEYS[head] if head > 128 else self.take(head).decode("ascii")
            value = self.take(self.number(2))
            entries.append((key, value if key.endswith("-bin") else value.decode()))
        return entries


def messages(data):
    """The messages of a datagram: their kinds, and readers of the rest."""
    at = 0
    while at < len(data) and data[at] != 0:
        if len(data) - at < 3 or int.from_bytes(data[at + 1:at + 3], "big") > len(data) - at - 3:
            raise ValueError("a message claims more than is there")
        kind, length = data[at], int.from_bytes(data[at + 1:at + 3], "big")
        yield kind, Reader(data[at + 3:at + 3 + length])
        at += 3 + length


class Session:
    """One start of a caller and one of a server. One thread at a time."""

    def __init__(self, host, port, caller, timeout=5.0):
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((host, port))
        self._caller, self._counter, self._calls, self._seen, self._highest = caller, 0, 0, set(), -1
        self._id = self._open(timeout)

    def call(self, path, body, timeout=5.0, entries=(), expires=True):
        """Asks until it is answered. At-least-once calls do not expire; any other must be idempotent."""
        self._calls += 1
        number, deadline, wait, due = self._calls, time.monotonic() + timeout, 0.05, 0.0
        while time.monotonic() < deadline:
            if time.monotonic() >= due:
                left = max(0, int((deadline - time.monotonic()) * 1000)) if expires else NEVER
                self._send(request(number, left, path, self._with_caller(entries), body))
                due, wait = time.monotonic() + wait, min(2.0, 2 * wait)
            for kind, reader in self._receive(min(due, deadline) - time.monotonic()):
                if kind in (HANDLED, END, WORKING) and reader.number(8) == number:
                    if kind == HANDLED:
                        return b""
                    if kind == WORKING:
                        due = time.monotonic() + 1.0
                    else:
                        return self._end(reader)
                elif kind == LEAVING and reader.number(1) == 1:
                    raise CallFailed(UNAVAILABLE, "The service has gone before it answered.")
        self._send(message(CANCEL, struct.pack(">Q", number)))
        raise CallFailed(DEADLINE_EXCEEDED, "The deadline passed.")

    def tell(self, path, body, entries=()):
        """Sends an event, once; nobody knows what becomes of it."""
        self._send(event(path, self._with_caller(entries), body))

    def close(self):
        try:
            self._send(message(LEAVING, b"\x01"))
        except CallFailed:
            pass  # It has gone before us.
        self._socket.close()

    def _open(self, timeout):
        instance = os.urandom(8)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = self._exchange(struct.pack(">BB", HELLO, VERSION) + instance + bytes(10), 0.05)
            if answer and len(answer) >= 20 and answer[:10] == struct.pack(">BB", WELCOME, VERSION) + instance:
                return int.from_bytes(answer[10:14], "big")
        raise CallFailed(UNAVAILABLE, "Nobody answers there.")

    def _exchange(self, data, timeout):
        try:
            if data:
                self._socket.send(data)
            self._socket.settimeout(max(0.001, timeout))
            return self._socket.recv(2048)
        except TimeoutError:
            return None
        except ConnectionRefusedError:
            raise CallFailed(UNAVAILABLE, "Nobody listens there.") from None

    def _send(self, content):
        if len(content) > MESSAGES:
            raise CallFailed(RESOURCE_EXHAUSTED, f"The message takes {len(content)} bytes, and a datagram has room for {MESSAGES}.")
        try:
            self._socket.send(datagram(self._id, self._counter, content))
        except ConnectionRefusedError:
            raise CallFailed(UNAVAILABLE, "Nobody listens there any more.") from None
        self._counter += 1

    def _receive(self, timeout):
        data = self._exchange(b"", timeout)
        if data is None or len(data) < 14:
            return []
        kind, _, session, counter = struct.unpack(">BBIQ", data[:14])
        if session != self._id:
            return []
        if kind == UNKNOWN:
            raise CallFailed(UNAVAILABLE, "The service was started again and knows nothing of this call.")
        if kind != PLAIN or counter in self._seen or counter <= self._highest - WINDOW:
            return []
        self._highest = max(self._highest, counter)
        self._seen = {c for c in self._seen if c > self._highest - WINDOW} | {counter}
        try:
            return list(messages(data[14:]))
        except ValueError:
            return []

    def _with_caller(self, entries):
        return [("anywire-caller", self._caller), *entries]

    @staticmethod
    def _end(reader):
        try:
            code, flags, said = reader.number(1), reader.number(1), reader.text()
            if flags & 2:
                reader.metadata()
            trailers = reader.metadata()
        except ValueError as error:
            raise CallFailed(INTERNAL, f"The answer cannot be read: {error}.") from None
        if code != 0:
            raise CallFailed(code, said, trailers)
        return reader.rest()
