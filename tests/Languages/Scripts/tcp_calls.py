"""Calls Accounts over TCP in ways that the example does not need, and writes what came of it, a line each. Waits at its end to be told to go away.
Arguments: the HOST:PORT of Accounts and the folder of all certificates."""

import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "examples", "python"))

from anywire import tcp  # noqa: E402
from anywire.failures import Failure  # noqa: E402
from anywire.identity import client_context  # noqa: E402
from anywire.protobuf import data, fields, text  # noqa: E402

ACCOUNTS = "/twite.v1.AccountsService/"
BIOGRAPHY = "Poetical science. " * 16
PATIENCE = 60


def main():
    address, keys = sys.argv[1:]
    contexts = {name: client_context(os.path.join(keys, name), name) for name in ("admin", "web", "bot")}
    admin, web, bot = (tcp.Service("accounts", address, context) for context in contexts.values())
    names = [f"crowd_{i:04}" for i in range(1000)]
    people = [data(1, text(1, name) + text(3, BIOGRAPHY)) for name in names]
    told("created", lambda: fields(admin.call(ACCOUNTS + "ImportAccounts", b"".join(people), timeout=30))[2])
    listed = bot.call(ACCOUNTS + "ListAccounts", b"".join(text(2, name) for name in names[:500]))
    # The reply's last account, of a reply that no frame holds.
    told("listed", lambda: (len(listed) > tcp.MAX_PAYLOAD, fields(fields(listed)[1])[2].decode()))
    told("request in parts, too large", lambda: bot.call(ACCOUNTS + "LookUpAccount", text(1, "x" * 3 * tcp.MAX_PAYLOAD)))
    told("on the same connection", lambda: fields(bot.call(ACCOUNTS + "LookUpAccount", text(1, "CROWD_0007")))[2].decode())
    told("unknown method", lambda: bot.call(ACCOUNTS + "Nothing", b""))
    told("a handler's detail", lambda: bot.call(ACCOUNTS + "LookUpAccount", text(1, "nobody_here")))
    told("without metadata", lambda: web.call(ACCOUNTS + "ListSessions", b""))
    told("with metadata", lambda: web.call(ACCOUNTS + "ListSessions", b"", [("anywire-user", "nonsense")]))
    connection = bot._connection
    told("ping", lambda: answer(connection, tcp.frame(tcp.PING, b"\x01\x02\xff")))
    told("no time left", lambda: answer(connection, tcp.frame(tcp.CALL, struct.pack(">HIH", 0, 0, 0) + text(1, "x"), 99, tcp.LAST)))
    told("large frame", lambda: answer(connection, struct.pack(">II", tcp.MESSAGE << 24 | tcp.MAX_PAYLOAD + 1, 1)))
    bot.close()
    for wrong in (b"ANYX\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", b"ANYW\x02\x00\x00\x01\x00\x00\x00\x00\x00\x00", b"ANYW\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"):
        told("hello", lambda: greeting(address, contexts["bot"], wrong))
    bot.call(ACCOUNTS + "LookUpAccount", text(1, "crowd_0001"))
    print("waits", flush=True)
    told("told", lambda: gone(bot._connection))


def told(what, act):
    try:
        print(f"{what}: {act()}", flush=True)
    except Failure as error:
        print(f"{what}: {error.code}: {error.message}", flush=True)


def answer(connection, frames):
    """The next frame, whatever it is."""
    until = time.monotonic() + PATIENCE
    connection._send(frames, until)
    while not (whole := connection._taken()):
        connection._fill(until)
    return f"{whole[0]} {whole[3]}"


def greeting(address, context, hello):
    """All that a handler answers to a hello before it closes the connection."""
    host, port = address.rsplit(":", 1)
    with context.wrap_socket(socket.create_connection((host, int(port)), timeout=PATIENCE), server_hostname="accounts") as connected:
        connected.sendall(tcp.frame(tcp.HELLO, hello))
        return b"".join(iter(lambda: connected.recv(tcp.MAX_PAYLOAD), b""))


def gone(connection):
    """Why it was told to go away."""
    until = time.monotonic() + PATIENCE
    while connection.farewell is None:
        connection._next(until)
    connection.close()
    return connection.farewell


if __name__ == "__main__":
    main()
