#!/usr/bin/env python3
"""Twite's Accounts service in Python, over HTTP with mutual TLS 1.3. Takes the place of ours in a topology."""

import argparse
import os
import signal
import sys
import threading

from accounts.assertions import Keyring
from accounts.endpoint import SERVICE, Accounts
from accounts.outbox import Outbox
from accounts.passwords import Passwords
from accounts.store import Store, WrongFile
from anywire.calls import Service
from anywire.identity import CertificatesMissing, client_context, server_context
from anywire.server import Server

_COMMON_PASSWORDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/Services/Accounts/Passwords/common-passwords.txt")


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        to_others = client_context(options.certificates, "accounts")
        store = Store(options.data)
        outbox = Outbox(store, {name: Service(name, getattr(options, name), to_others) for name in ("messages", "follows", "notifications")})
        endpoint = Accounts(store, Passwords(options.common_passwords), Keyring(store.key_id, store.private_key), outbox)
        server = Server(options.listen, server_context(options.certificates, "accounts"), {SERVICE: endpoint.methods()})
    except (CertificatesMissing, WrongFile, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    outbox.start()
    accepting = threading.Thread(target=server.serve_forever, daemon=True)
    accepting.start()
    print(f"accounts is at https://{options.listen}, its file in {options.data}. Ctrl-C stops it.", flush=True)
    stop.wait()
    # As ours: what was accepted is answered, what comes meanwhile is not.
    server.drain()
    server.shutdown()
    server.server_close()
    outbox.stop()
    return 0


def _parser():
    parser = argparse.ArgumentParser(description=__doc__, epilog="example:\n  accounts_service.py --certificates keys/accounts --data data-python",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    where = {"metavar": "HOST:PORT", "help": "default: %(default)s"}
    parser.add_argument("--listen", default="127.0.0.1:5151", **where)
    for name, port in (("messages", 5152), ("follows", 5153), ("notifications", 5154)):
        parser.add_argument(f"--{name}", default=f"127.0.0.1:{port}", metavar="HOST:PORT", help=f"where {name} is told of closed accounts (default: %(default)s)")
    parser.add_argument("--certificates", metavar="DIR", required=True, help="the folder with ca.pem, accounts.pem and accounts.key (twite keys)")
    parser.add_argument("--data", metavar="DIR", required=True, help="the folder of accounts.db; made when missing")
    parser.add_argument("--common-passwords", metavar="FILE", default=os.path.normpath(_COMMON_PASSWORDS), help="passwords that are refused, one a line (default: Twite's own)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
