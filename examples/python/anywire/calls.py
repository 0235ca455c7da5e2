"""Calls a service: JSON over HTTP/1.1 with mutual TLS 1.3."""

import http.client
import json
import socket
import ssl
import urllib.parse

from .failures import Failure

MAX_REPLY = 4 * 1024 * 1024


class Service:
    """A service at an address. Each call has a connection of its own; any thread may make one."""

    def __init__(self, name, address, context):
        self.name = name
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self._context = context

    def call(self, verb, path, body=None, query=None, user=None, timeout=5.0):
        """Makes a call and gives the reply as a dict; empty for google.protobuf.Empty.

        path and query come from the contract's google.api.http rule, user is the assertion of the person that the call acts for.
        Raises Failure: what the service said, or UNAVAILABLE when there was no answer.
        """
        target = path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
        # Grpc-Timeout tells the service when nobody waits any more.
        headers = {"Accept": "application/json", "Grpc-Timeout": f"{int(timeout * 1000)}m"}
        if body is not None:
            body = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        if user is not None:
            headers["anywire-user"] = user
        connection = _Connection(self.name, self.host, self.port, self._context, timeout)
        try:
            connection.request(verb, target, body, headers)
            response = connection.getresponse()
            content = response.read(MAX_REPLY + 1)
        except ssl.SSLCertVerificationError as error:
            raise self._unavailable(f"its certificate is not that of \"{self.name}\" in this cluster ({error.verify_message})") from error
        except (ssl.SSLError, ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected) as error:
            # In TLS 1.3 a server says only after the handshake that it does not like the client's certificate; ours says nothing to strangers.
            raise self._unavailable(f"it broke the connection off, as services do to who has no certificate that they believe ({error})") from error
        except (socket.timeout, TimeoutError) as error:
            raise Failure("DEADLINE_EXCEEDED", f"{self.name} did not answer within {timeout:g} s.") from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unavailable(str(error)) from error
        finally:
            connection.close()
        if len(content) > MAX_REPLY:
            raise Failure("RESOURCE_EXHAUSTED", f"The answer of {self.name} is larger than {MAX_REPLY} bytes.")
        if not 200 <= response.status < 300:
            raise Failure.from_answer(self.name, response.status, response.headers.get("Content-Type", ""), content)
        return json.loads(content) if content else {}

    def _unavailable(self, why):
        return Failure("UNAVAILABLE", f"{self.name} at {self.host}:{self.port} cannot be reached: {why}.")


class _Connection(http.client.HTTPConnection):
    """TLS asks for the service's name, whatever the address: certificates name services, not hosts."""

    def __init__(self, service, host, port, context, timeout):
        super().__init__(host, port, timeout=timeout)
        self._service = service
        self._tls = context

    def connect(self):
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._service)
