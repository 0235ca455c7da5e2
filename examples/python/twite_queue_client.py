#!/usr/bin/env python3
"""Logs in and verifies the session through RabbitMQ, as the front end does over a queue. Needs python3-pika and python3-cryptography."""

import argparse
import os
import sys

from anywire.protobuf import fields, text
from anywire.rabbitmq import CallFailed, Caller

ACCOUNTS = "/twite.v1.AccountsService/"

EPILOG = """
The password is the first line of standard input.

example:
  twite up --topology queue --with-broker
  twite_queue_client.py --certificates data/keys/web ada < password.txt

exit codes: 0 done, 1 refused or out of reach, 2 asked for wrongly.
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", metavar="HOST:PORT", default="127.0.0.1:5671", help="where RabbitMQ listens with TLS (default: %(default)s)")
    parser.add_argument("--vhost", default="twite", help="its virtual host (default: %(default)s)")
    parser.add_argument("--certificates", metavar="DIR", required=True, help="the folder with ca.pem, NAME.pem, NAME.key and message-keys.json")
    parser.add_argument("--token", help="verifies this session instead of logging in")
    parser.add_argument("account", metavar="NAME", nargs="?")
    options = parser.parse_args(arguments)
    if not options.token and not options.account:
        parser.error("give a NAME to log in, or --token")
    host, port = options.broker.rsplit(":", 1)
    folder = os.path.abspath(options.certificates)
    try:
        caller = Caller(host, int(port), options.vhost, folder, os.path.basename(folder))
        token = options.token or log_in(caller, options.account, sys.stdin.readline().rstrip("\n"))
        reply = fields(caller.call("accounts", ACCOUNTS + "VerifySession", text(1, token)))
        account = fields(reply[1])
        print(f"The session is {account[2].decode()}'s.")
        caller.close()
        return 0
    except CallFailed as error:
        print(f"{error} (gRPC status {error.code})", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"{error.filename} is missing: twite keys makes it.", file=sys.stderr)
    except Exception as error:  # pika has many ways of saying that it has no connection
        print(f"The broker at {options.broker} cannot be used: {error!r}", file=sys.stderr)
    return 1


def log_in(caller, name, password):
    reply = caller.call("accounts", ACCOUNTS + "LogIn", text(1, name) + text(2, password) + text(3, "twite_queue_client.py"), timeout=10)
    return fields(reply)[1].decode()


if __name__ == "__main__":
    sys.exit(main())
