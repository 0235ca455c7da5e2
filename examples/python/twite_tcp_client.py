#!/usr/bin/env python3
"""Logs in and verifies the session over TCP, as the front end does. Python's standard library only."""

import argparse
import os
import sys

from anywire.failures import Failure
from anywire.identity import CertificatesMissing, client_context
from anywire.protobuf import fields, text
from anywire.tcp import Service

ACCOUNTS = "/twite.v1.AccountsService/"

EPILOG = """
The password is the first line of standard input.

example, for a topology with "accounts": { "listen": ["tcps://127.0.0.1:5151"] }:
  twite_tcp_client.py --certificates data/keys/web ada < password.txt

exit codes: 0 done, 1 refused or out of reach, 2 asked for wrongly.
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", metavar="HOST:PORT", default="127.0.0.1:5151", help="where Accounts listens on tcps:// (default: %(default)s)")
    parser.add_argument("--certificates", metavar="DIR", required=True, help="the folder with ca.pem, NAME.pem and NAME.key (twite keys issue NAME)")
    parser.add_argument("--name", help="who the certificate is of (default: the folder's name)")
    parser.add_argument("--token", help="verifies this session instead of logging in")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=5.0, help="how long the verification may take (default: %(default)s)")
    parser.add_argument("account", metavar="NAME", nargs="?")
    options = parser.parse_args(arguments)
    if not options.token and not options.account:
        parser.error("give a NAME to log in, or --token")
    try:
        context = client_context(options.certificates, options.name or os.path.basename(os.path.abspath(options.certificates)))
        accounts = Service("accounts", options.accounts, context)
        token = options.token or log_in(accounts, options.account, sys.stdin.readline().rstrip("\n"))
        reply = fields(accounts.call(ACCOUNTS + "VerifySession", text(1, token), timeout=options.timeout))
        account = fields(reply[1])
        print(f"The session is {account[2].decode()}'s.")
        accounts.close()
        return 0
    except CertificatesMissing as error:
        print(error, file=sys.stderr)
    except Failure as error:
        print(f"{error.message} ({error.code})", file=sys.stderr)
    return 1


def log_in(accounts, name, password):
    reply = accounts.call(ACCOUNTS + "LogIn", text(1, name) + text(2, password) + text(3, "twite_tcp_client.py"), timeout=10)
    return fields(reply)[1].decode()


if __name__ == "__main__":
    sys.exit(main())
