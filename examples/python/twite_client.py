#!/usr/bin/env python3
"""Reads and writes on Twite by calling its services over HTTP, as the front end does. Python's standard library only."""

import argparse
import getpass
import os
import sys
import uuid

from anywire.calls import Service
from anywire.failures import Failure
from anywire.identity import CertificatesMissing, client_context

EPILOG = """
The password is asked for; without a terminal it is the first line of standard input.

examples:
  twite_client.py --certificates data/keys/web timeline
  twite_client.py --certificates data/keys/web post ada "Hello from Python" < password.txt

Which certificate may do what is in the contracts (contracts/twite/*.proto, allowed_callers): any may read, only the front end's ("web")
may log people in and post. exit codes: 0 done, 1 refused or out of reach, 2 asked for wrongly.
"""


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        context = client_context(options.certificates, options.name or os.path.basename(os.path.abspath(options.certificates)))
        accounts = Service("accounts", options.accounts, context)
        messages = Service("messages", options.messages, context)
        options.run(options, accounts, messages)
        return 0
    except CertificatesMissing as error:
        print(error, file=sys.stderr)
        return 1
    except Failure as error:
        print(_told(error), file=sys.stderr)
        return 1


def show_timeline(options, _, messages):
    """Everybody's messages, newest first."""
    reply = messages.call("GET", "/v1/messages", query={"page.limit": options.limit})
    for message in reply.get("messages", []):
        # A field with its default value is left out of proto3 JSON.
        text = _printable(message.get("text", ""))
        print(f"{message['createdAt']}  {message['authorName']}: {text}")


def show_account(options, accounts, _):
    """Who a name belongs to."""
    account = accounts.call("GET", "/v1/accounts:lookup", query={"name": options.account})
    print(f"{account['name']} is {_printable(account['displayName'])}, here since {account['createdAt']}")


def post(options, accounts, messages):
    """Logs in, posts, logs out."""
    session = accounts.call("POST", "/v1/sessions", {"name": options.account, "password": _password(), "label": "twite_client.py"}, timeout=10)
    try:
        # A session proves the person to Accounts; the assertion that it gives for it proves the person to all other services, for 60 s.
        verified = accounts.call("POST", "/v1/sessions:verify", {"token": session["token"]})
        print(f"Logged in as {verified['account']['name']}.")
        # The same key gives the same message: who gets no answer may send it again.
        message = messages.call("POST", "/v1/messages", {"text": options.text, "idempotencyKey": str(uuid.uuid4())}, user=verified["assertion"])
        print(f"Posted message {message['id']}: {_printable(message['text'])}")
    finally:
        accounts.call("POST", "/v1/sessions:end", {"token": session["token"]})


def _parser():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", metavar="HOST:PORT", default="127.0.0.1:5151", help="where Accounts listens (default: %(default)s)")
    parser.add_argument("--messages", metavar="HOST:PORT", default="127.0.0.1:5152", help="where Messages listens (default: %(default)s)")
    parser.add_argument("--certificates", metavar="DIR", required=True, help="the folder with ca.pem, NAME.pem and NAME.key (twite keys issue NAME)")
    parser.add_argument("--name", help="who the certificate is of (default: the folder's name)")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    timeline = commands.add_parser("timeline", help="everybody's messages, newest first")
    timeline.add_argument("--limit", type=int, default=20, help="how many, at most 80 (default: %(default)s)")
    timeline.set_defaults(run=show_timeline)
    account = commands.add_parser("account", help="who a name belongs to")
    account.add_argument("account", metavar="NAME")
    account.set_defaults(run=show_account)
    posting = commands.add_parser("post", help="logs in, posts a message, logs out")
    posting.add_argument("account", metavar="NAME")
    posting.add_argument("text", metavar="TEXT")
    posting.set_defaults(run=post)
    return parser


def _password():
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _told(error):
    """A failure in words: the service's sentence, and the field it is about."""
    fields = ", ".join(field for field, _, _ in error.violations())
    retry = error.retry_after()
    return f"{error.message} ({error.code}{': ' + fields if fields else ''}{f', again in {retry:.0f} s' if retry else ''})"


def _printable(text):
    """On one line, and without what a terminal would take for a command."""
    return "".join(character if character.isprintable() else " " for character in text)


if __name__ == "__main__":
    sys.exit(main())
