"""Verifies a session that is none four times: as it was sealed, with its seal changed, with its body changed, as it was sealed. Writes the four status codes.
Arguments: the broker's HOST:PORT and the folder of a service's certificate and keys."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "examples", "python"))

from anywire.messages import SEAL  # noqa: E402
from anywire.rabbitmq import CallFailed, Caller  # noqa: E402


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    caller = Caller(host, int(port), "twite", sys.argv[2], os.path.basename(sys.argv[2]))
    seal, codes = caller._keys.seal, []
    for changed in (None, -1, -SEAL - 1, None):
        def tampered(message, receiver, changed=changed):
            sealed = bytearray(seal(message, receiver))
            if changed is not None:
                sealed[changed] ^= 1
            return bytes(sealed)

        caller._keys.seal = tampered
        try:
            caller.call("accounts", "/twite.v1.AccountsService/VerifySession", b"\x0a\x08nonsense", timeout=3)
            codes.append(0)
        except CallFailed as error:
            codes.append(error.code)
    caller.close()
    print(*codes)


if __name__ == "__main__":
    main()
