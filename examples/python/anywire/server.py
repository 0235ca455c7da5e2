"""Serves methods: JSON over HTTP/1.1 with mutual TLS 1.3, a thread per connection."""

import json
import re
import socket
import ssl
import sys
import threading
import time
import traceback
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import fields
from .failures import PROBLEM, Failure, failure
from .identity import name_of
from .routes import Method, Routes

_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class Call:
    """What comes with a request: who calls, for whom, and until when."""

    def __init__(self, caller, headers):
        self.caller = caller
        self.user = headers.get("anywire-user")
        self._ends_at = None
        if match := re.fullmatch(r"([0-9]{1,8})([HMSmun])", headers.get("Grpc-Timeout", "")):
            self._ends_at = time.monotonic() + int(match[1]) * _UNITS[match[2]]

    def check_time(self):
        """Work that nobody waits for any more is dropped."""
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            raise Failure("DEADLINE_EXCEEDED", "The time for this call was up before its work began.")


class Server(ThreadingHTTPServer):
    """Listens at an address. methods: a list of Method by the full name of their service."""

    daemon_threads = True
    request_queue_size = 128
    max_connections = 200

    def __init__(self, address, context, methods):
        host, port = address.rsplit(":", 1)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host.strip("[]"), int(port)), _Connection)
        self._context = context
        self._slots = threading.BoundedSemaphore(self.max_connections)
        self._idle = set()
        self._busy = 0
        self._changed = threading.Condition()
        self.draining = False
        self.routes = Routes()
        for service, service_methods in methods.items():
            self.routes.add(service, service_methods)
        # The standard health service: any service of the cluster may ask, and Anywire's clients do.
        self.routes.add("grpc.health.v1.Health", [Method("Check", self._check_health, fields={"service": fields.text})])
        self._services = {"", *methods}

    def get_request(self):
        plain, address = super().get_request()
        # The handshake waits for the peer: it belongs to the connection's thread (_Connection.setup).
        return self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def process_request(self, request, client_address):
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if isinstance(error, ssl.SSLError):
            print(f"{client_address[0]} was refused: {error}", file=sys.stderr, flush=True)
        elif not isinstance(error, OSError):
            traceback.print_exc()

    def drain(self, patience=10.0):
        """Refuses what comes, and lets what was accepted finish."""
        with self._changed:
            self.draining = True
            for connection in self._idle:
                # Wakes its thread, which then finds the end of the stream.
                socket.socket.shutdown(connection, socket.SHUT_RD)
            self._changed.wait_for(lambda: self._busy == 0, patience)

    def idle(self, connection):
        """Between two requests; False when the server drains, and there will be no other."""
        with self._changed:
            if not self.draining:
                self._idle.add(connection)
            return not self.draining

    def busy(self, connection):
        with self._changed:
            self._idle.discard(connection)
            self._busy += 1

    def gone(self, connection, answered):
        with self._changed:
            self._idle.discard(connection)
            self._busy -= answered
            self._changed.notify_all()

    def _check_health(self, request, _):
        if (request["service"] or "") not in self._services:
            raise failure("NOT_FOUND", "NOT_FOUND", f"There is no service {request['service'][:40]} here.")
        return {"status": "NOT_SERVING" if self.draining else "SERVING"}


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "twite-example"
    sys_version = ""
    # To what is no HTTP.
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"
    # A client closes a connection that was idle for 60 s; the server must not be the one to do it.
    timeout = 75
    disable_nagle_algorithm = True
    # Head and body leave together, when handle_one_request flushes.
    wbufsize = -1

    def setup(self):
        self.request.settimeout(5)
        self.request.do_handshake()
        self.caller = name_of(self.request.getpeercert())
        super().setup()

    def handle_one_request(self):
        if not self.server.idle(self.connection):
            self.close_connection = True
            return
        self._began = False
        try:
            super().handle_one_request()
        finally:
            self.server.gone(self.connection, self._began)

    def parse_request(self):
        # The first line is there: from now on it is to be answered.
        self._began = True
        self.server.busy(self.connection)
        return super().parse_request()

    def log_message(self, format, *arguments):
        """Requests are not logged: there are secrets in some."""

    def _answer(self):
        target = urllib.parse.urlsplit(self.path)
        try:
            if self.command in ("GET", "HEAD") and target.path in ("/healthz", "/readyz"):
                ready = target.path == "/healthz" or not self.server.draining
                self._send(200 if ready else 503, b"ready\n" if ready else b"not ready\n", "text/plain; charset=utf-8")
                return
            content = self._read_content()
            method, in_path = self.server.routes.find(self.command, target.path)
            if method.callers and self.caller not in method.callers:
                print(f"{self.caller} may not call {method.name}.", file=sys.stderr, flush=True)
                raise Failure("PERMISSION_DENIED", "This service may not be called by you in that way.")
            # Four times for JSON's sake, and 64 KiB more: as our own servers bound it.
            if len(content) > 4 * method.max_request + 65536:
                raise Failure("RESOURCE_EXHAUSTED", f"The request is too large for {method.name}.", http_status=413)
            call = Call(self.caller, self.headers)
            request = fields.read(method.fields, self._given(method, content, target.query, in_path))
            call.check_time()
            reply = method.handler(request, call)
            if reply is None:
                self._send(204, b"", None)
            else:
                location = {"Location": method.location.format(**reply)} if method.location else {}
                self._send(201 if location else 200, json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode(), "application/json", location)
        except Failure as error:
            self._fail(error)
        except Exception:
            # What went wrong is for the log; a caller learns only that something did.
            traceback.print_exc()
            self._fail(Failure("INTERNAL", "The service failed. Its log says more."))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _read_content(self):
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Failure("INVALID_ARGUMENT", "Say how long the body is: this server takes no chunks.", http_status=411)
        length = self.headers.get("Content-Length", "0")
        if len(self.headers.get_all("Content-Length", [])) > 1 or not re.fullmatch("[0-9]{1,10}", length):
            self.close_connection = True
            raise Failure("INVALID_ARGUMENT", "The length of the body is malformed.")
        if int(length) > 1 << 20:
            self.close_connection = True
            # Some is read and thrown away: who still sends when the connection closes never sees the answer.
            for _ in range(min(int(length), 8 << 20) // 65536):
                self.rfile.read(65536)
            raise Failure("RESOURCE_EXHAUSTED", "The body is too large.", http_status=413)
        content = self.rfile.read(int(length))
        if len(content) < int(length):
            self.close_connection = True
            raise Failure("INVALID_ARGUMENT", "The body ended early.")
        return content

    def _given(self, method, content, query, in_path):
        """The request's fields as (name, value), from path, query and body together."""
        given = list(in_path.items())
        if method.verb in ("GET", "DELETE") and self.command == method.verb:
            in_query = {}
            for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
                in_query.setdefault(name, []).append(value)
            lists = {form for name, kind in method.fields.items() if hasattr(kind, "is_list") for form in (name, fields.camel(name))}
            # What is no list and comes twice is given twice, and refused as such.
            return given + [pair for name, values in in_query.items() for pair in ([(name, values)] if name in lists else [(name, one) for one in values])]
        if not content:
            return given
        if self.headers.get_content_type() != "application/json":
            raise Failure("INVALID_ARGUMENT", "This server reads application/json only.", http_status=415)
        try:
            body = json.loads(content, object_pairs_hook=lambda pairs: pairs)
        except (ValueError, RecursionError):
            raise Failure("INVALID_ARGUMENT", "The body is no JSON in UTF-8.") from None
        if not isinstance(body, list) or not all(isinstance(pair, tuple) for pair in body):
            raise Failure("INVALID_ARGUMENT", "The body is no JSON object.")
        return given + body

    def _fail(self, error):
        headers = dict(error.headers)
        if error.code == "UNAUTHENTICATED":
            headers["WWW-Authenticate"] = "Bearer"
        if error.retry_after() is not None:
            headers["Retry-After"] = str(max(1, round(error.retry_after() + 0.5)))
        self._send(error.http_status, error.to_problem(), PROBLEM, headers)

    def _send(self, status, body, content_type, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if content_type is not None:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
        if self.server.draining or self.close_connection:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
