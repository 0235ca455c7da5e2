#!/usr/bin/env python3
"""Makes one call by datagrams on a plain wire (udp://), where nothing is proved: for trying and measuring on one's own machine. Needs Python's standard library."""

import argparse
import sys

from anywire.datagrams import CallFailed, Session

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
        for key, value in fields(reply):
            print(f"{key}: {value}")
        return 0
    except CallFailed as error:
        print(f"{error} (gRPC status {error.code})", file=sys.stderr)
    except OSError as error:
        print(f"{options.address} cannot be reached: {error.strerror or error}", file=sys.stderr)
    return 1


def pair(field):
    key, value = field.split("=", 1)
    return int(key), value


def varint(value):
    encoded = b""
    while value > 127:
        encoded, value = encoded + bytes([value & 127 | 128]), value >> 7
    return encoded + bytes([value])


def text(key, value):
    """A field of text in protobuf's encoding (https://protobuf.dev/programming-guides/encoding/)."""
    data = value.encode()
    return varint(key << 3 | 2) + varint(len(data)) + data


def number(key, value):
    return varint(key << 3) + varint(int(value))


def fields(data):
    """The fields of a reply: numbers, and whatever else as text."""
    at = 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        head = take()
        key, kind = head >> 3, head & 7
        if kind == 0:
            yield key, take()
            continue
        length = take() if kind == 2 else 8 if kind == 1 else 4
        value, at = data[at:at + length], at + length
        yield key, value.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
