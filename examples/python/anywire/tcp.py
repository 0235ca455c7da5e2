"""Calls over TCP: src/Anywire/Anywire.Tcp/README.md in Python. Spoken here: calls with one request and one reply, one at a time."""

import math
import socket
import ssl
import struct
import time

from .failures import Failure

MAGIC, VERSION = b"ANYW", 1
HELLO, METHOD, CALL, MESSAGE, _, STATUS, HEADERS, CANCEL, WINDOW, PING, PONG, GO_AWAY = range(1, 13)
MORE, LAST = 0x10, 0x20
HEADER = 8
MAX_PAYLOAD = 32 * 1024
MAX_METADATA, MAX_ENTRIES = 16 * 1024, 256
MAX_REPLY = 4 * 1024 * 1024
NO_DEADLINE = 0xFFFFFFFF

# Nothing is streamed to this side, but a window of nothing is no window.
OWN_WINDOW = 64 * 1024
ASK_AFTER, GONE_AFTER = 3.0, 8.0
CONNECT_TIMEOUT = 5.0
# What is left to say when the time is up must not take any.
LAST_WORDS_TIMEOUT = 0.5

CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)


class NotExecuted(Failure):
    """A call that was proved not to have been executed: making it again is safe."""


class Broken(Exception):
    """What came is not what the page says; the connection is of no more use."""


class Closed(ConnectionError):
    """The other side has closed the connection."""


class DeadlinePassed(Exception):
    """There is no time left."""


class Service:
    """A service at an address. It has one connection, and one thread at a time may call."""

    def __init__(self, name, address, context):
        self.name = name
        self.address = address
        self._context = context
        self._connection = None

    def call(self, path, body, metadata=(), timeout=5.0):
        """Makes a call and gives the reply's bytes. Raises Failure: what the service said, or UNAVAILABLE when there was no answer."""
        until = time.monotonic() + timeout
        try:
            try:
                return self._attempt(path, body, metadata, until)
            except NotExecuted:
                # As a rule it shuts down; behind the address there may be another by now.
                self.close()
                return self._attempt(path, body, metadata, until)
        except DeadlinePassed:
            raise Failure("DEADLINE_EXCEEDED", f"{self.name} did not answer within {timeout:g} s.") from None

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def _attempt(self, path, body, metadata, until):
        if not self._connection or not self._connection.is_fit():
            self.close()
            self._connection = self._connected(until)
        try:
            return self._connection.call(path, body, metadata, until)
        except (OSError, Broken) as error:
            self.close()
            raise Failure("UNAVAILABLE", f"The connection to {self.name} at {self.address} was lost before it answered: {error}.") from error

    def _connected(self, until):
        try:
            return self._connect(until)
        except ssl.SSLCertVerificationError as error:
            raise self._unreachable(f"its certificate is not that of \"{self.name}\" in this cluster ({error.verify_message})") from error
        except (ssl.SSLError, ConnectionResetError, BrokenPipeError, Closed) as error:
            # In TLS 1.3 a server says only after the handshake that it does not like the client's certificate; ours says nothing to strangers.
            raise self._unreachable(f"it broke the connection off, as services do to who has no certificate that they believe ({error})") from error
        except (OSError, Broken) as error:
            raise self._unreachable(str(error)) from error

    def _connect(self, deadline):
        host, port = self.address.rsplit(":", 1)
        until = min(deadline, time.monotonic() + CONNECT_TIMEOUT)
        try:
            connected = socket.create_connection((host.strip("[]"), int(port)), timeout=_left(until))
            try:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.settimeout(_left(until))
                # Certificates name services, not hosts.
                connected = self._context.wrap_socket(connected, server_hostname=self.name)
                return Connection(connected, until)
            except BaseException:
                connected.close()
                raise
        except (TimeoutError, DeadlinePassed):
            _left(deadline)
            raise OSError(f"it did not say hello within {CONNECT_TIMEOUT:g} s") from None

    def _unreachable(self, why):
        return Failure("UNAVAILABLE", f"{self.name} at {self.address} cannot be reached: {why}.")


class Connection:
    """A connection over which both sides have said hello."""

    def __init__(self, connected, until):
        self._socket, self._came = connected, bytearray()
        self._heard = self._asked = time.monotonic()
        self._methods, self._calls, self.farewell = {}, 0, None
        self._send(frame(HELLO, MAGIC + struct.pack(">BBII", VERSION, 0, OWN_WINDOW, 0)), until)
        kind, _, _, payload = self._receive(until)
        if kind != HELLO or payload[:5] != MAGIC + bytes([VERSION]):
            raise Broken("it does not speak version 1 of Anywire's TCP format")

    def is_fit(self):
        """Whether a new call may go here: it was not told to go away, and nobody can have found it silent between two calls."""
        return self.farewell is None and time.monotonic() < self._heard + ASK_AFTER

    def call(self, path, body, metadata, until):
        """The reply's bytes. Raises Failure for what the service said, and DeadlinePassed; OSError and Broken when the connection is of no more use."""
        method = self._methods.get(path, len(self._methods))
        head = struct.pack(">HI", method, min(math.ceil(_left(until) * 1000), NO_DEADLINE - 1)) + packed(metadata)
        named = b"" if path in self._methods else frame(METHOD, struct.pack(">H", method) + path.encode())
        # A number is not soon used again: what comes late for a call that was given up must not find another.
        self._calls = self._calls % 0xFFFFFFFF + 1
        self._send(named + b"".join(parts(CALL, head + body, self._calls)), until)
        self._methods[path] = method
        try:
            return self._reply(self._calls, until)
        except DeadlinePassed:
            self._send(frame(CANCEL, b"", self._calls), time.monotonic() + LAST_WORDS_TIMEOUT)
            raise

    def close(self):
        self._socket.close()

    def _reply(self, call, until):
        reply, is_whole = bytearray(), False
        while True:
            kind, flags, number, payload = self._receive(until)
            if number != call or kind in (HEADERS, WINDOW):
                continue
            if kind == MESSAGE:
                if is_whole:
                    self._break("it gave more than one reply")
                reply += payload
                if len(reply) > MAX_REPLY:
                    self._send(frame(CANCEL, b"", call), until)
                    raise Failure("RESOURCE_EXHAUSTED", f"The reply is larger than {MAX_REPLY} bytes.")
                is_whole = not flags & MORE
                if flags & LAST:
                    return bytes(reply)
            elif kind == STATUS:
                code, detail, trailers = self._understood(status, payload)
                if code != "OK":
                    raise (NotExecuted if "anywire-not-executed" in trailers else Failure)(code, detail)
                if not is_whole:
                    self._break("it ended a call well, without a reply")
                return bytes(reply)
            else:
                self._break(f"it sent a frame of kind {kind} for a call")

    def _receive(self, until):
        """The next frame that is not the connection's own."""
        while not (whole := self._next(until)):
            pass
        return whole

    def _next(self, until):
        """The next frame; None when it was the connection's own, which are done with here."""
        while not (whole := self._taken()):
            self._fill(until)
        kind, _, _, payload = whole
        if kind == PING:
            self._send(frame(PONG, payload), until)
        elif kind == GO_AWAY:
            # Calls under way are still answered.
            self.farewell = payload.decode(errors="replace")
        elif kind != PONG:
            return whole
        return None

    def _taken(self):
        if len(self._came) < HEADER:
            return None
        first, call = struct.unpack_from(">II", self._came)
        length = first & 0xFFFFFF
        if length > MAX_PAYLOAD:
            self._break(f"it announced a frame of {length} bytes")
        if len(self._came) < HEADER + length:
            return None
        payload = bytes(self._came[HEADER:HEADER + length])
        del self._came[:HEADER + length]
        return first >> 24 & 0x0F, first >> 24 & 0xF0, call, payload

    def _fill(self, until):
        now, ask_at, gone_at = time.monotonic(), max(self._heard, self._asked) + ASK_AFTER, self._heard + GONE_AFTER
        if now >= gone_at:
            raise OSError(f"nothing was heard of it for {GONE_AFTER:g} s")
        if now >= ask_at:
            self._asked = now
            self._send(frame(PING, bytes(8)), until)
            return
        try:
            self._socket.settimeout(min(_left(until), ask_at - now, gone_at - now))
            came = self._socket.recv(2 * MAX_PAYLOAD)
        except TimeoutError:
            return
        if not came:
            raise Closed(self.farewell or "the other side closed it")
        self._came += came
        self._heard = time.monotonic()

    def _send(self, frames, until):
        try:
            self._socket.settimeout(_left(until))
            self._socket.sendall(frames)
        except TimeoutError:
            # Nobody knows how much of a frame went out, so nothing can follow it.
            self.farewell = "it takes nothing"
            raise DeadlinePassed from None

    def _understood(self, reading, payload):
        try:
            return reading(Reader(payload))
        except Broken as error:
            self._break(str(error))

    def _break(self, why):
        self._send(frame(GO_AWAY, why.encode()), time.monotonic() + LAST_WORDS_TIMEOUT)
        raise Broken(why)


class Reader:
    """Reads what is in a payload, and never beyond its end."""

    def __init__(self, payload):
        self._payload, self._at = payload, 0

    def take(self, count):
        if count > len(self._payload) - self._at:
            raise Broken("it sent a frame that ends in the middle")
        self._at += count
        return self._payload[self._at - count:self._at]

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))


def status(reader):
    """A status: code, detail, trailers."""
    code, length = reader.unpack(">BH")
    if code >= len(CODES):
        raise Broken(f"there is no status {code}")
    return CODES[code], reader.take(length).decode(errors="replace"), unpacked(reader)


def frame(kind, payload, call=0, flags=0):
    return struct.pack(">II", (kind | flags) << 24 | len(payload), call) + payload


def parts(kind, payload, call):
    """The frames of a call's only message; kind is the first one's."""
    cuts = range(0, len(payload) or 1, MAX_PAYLOAD)
    return [frame(kind if cut == 0 else MESSAGE, payload[cut:cut + MAX_PAYLOAD], call, LAST if cut == cuts[-1] else MORE) for cut in cuts]


def packed(metadata):
    """Metadata in bytes: pairs of a key and its text, or its bytes where the key ends in -bin."""
    entries = [(key.encode("ascii"), value if isinstance(value, bytes) else value.encode()) for key, value in metadata]
    data = struct.pack(">H", len(entries)) + b"".join(bytes([len(key)]) + key + struct.pack(">H", len(value)) + value for key, value in entries)
    if len(entries) > MAX_ENTRIES or len(data) > MAX_METADATA:
        raise Failure("RESOURCE_EXHAUSTED", f"The metadata is more than a frame holds: at most {MAX_METADATA} bytes in {MAX_ENTRIES} entries.")
    return data


def unpacked(reader):
    """Metadata by key; the last of several with the same. Text where it is text."""
    metadata = {}
    for _ in range(reader.unpack(">H")[0]):
        key = reader.take(reader.unpack(">B")[0]).decode("ascii", errors="replace")
        value = reader.take(reader.unpack(">H")[0])
        metadata[key] = value if key.endswith("-bin") else value.decode(errors="replace")
    return metadata


def _left(until):
    left = until - time.monotonic()
    if left <= 0:
        raise DeadlinePassed
    return left
