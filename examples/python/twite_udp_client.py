#!/usr/bin/env python3
"""Makes one call by datagrams on a plain wire (udp://), where nothing is proved: for trying and measuring on one's own machine. Needs Python's standard library."""

import argparse
import sys

from anywire.datagrams import CallFailed, Session
from anywire.protobuf import each, number, text

EPILOG = """
examples:
  twite_udp_client.py 127.0.0.1:5150 /grpc.health.v1.Health/Check
  twite_udp_client.py 127.0.0.1:5150 /anywire.udp.tests.Echo/Say --text 1=Hello --number 2=7

The fields of the reply are printed, a line each. What is asked again until it is answered must be idempotent.

exit codes: 0 done, 1 refused or out of reach, 2 asked for wrongly.
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", metavar="HOST:PORT")
    parser.add_argument("method", metavar="/SERVICE/METHOD")
    parser.add_argument("--text", metavar="N=VALUE", action="append", default=[], help="a field of text of the request")
    parser.add_argument("--number", metavar="N=VALUE", action="append", default=[], help="a field of a number from 0 on")
    parser.add_argument("--event", choices=["at-least-once", "best-effort"], help="an event: asked until it was handled, or sent once")
    parser.add_argument("--caller", metavar="NAME", default="python", help="the service that it claims to be (default: %(default)s)")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=5.0, help="how long to ask (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        host, port = options.address.rsplit(":", 1)
        port = int(port)
        body = b"".join(text(*pair(t)) for t in options.text) + b"".join(number(*pair(n)) for n in options.number)
    except ValueError:
        parser.error("an address is HOST:PORT, and a field NUMBER=VALUE")
    try:
        session = Session(host.strip("[]"), port, options.caller)
        try:
            if options.event == "best-effort":
                session.tell(options.method, body)
                return 0
            reply = session.call(options.method, body, options.timeout, expires=options.event is None)
        finally:
            session.close()
        for key, value in each(reply):
            print(f"{key}: {value if isinstance(value, int) else value.decode(errors='replace')}")
        return 0
    except CallFailed as error:
        print(f"{error} (gRPC status {error.code})", file=sys.stderr)
    except OSError as error:
        print(f"{options.address} cannot be reached: {error.strerror or error}", file=sys.stderr)
    return 1


def pair(field):
    key, value = field.split("=", 1)
    return int(key), value


if __name__ == "__main__":
    sys.exit(main())
