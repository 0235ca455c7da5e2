"""Calls over RabbitMQ: src/Anywire/Anywire.RabbitMq/README.md in Python."""

import os
import ssl
import struct
import time

import pika

from . import messages

REPLY_TO = "amq.rabbitmq.reply-to"


class CallFailed(Exception):
    """A call that did not come to its reply: the gRPC status code and the sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Caller:
    """Calls services as one of them, which its certificate and its keys prove."""

    def __init__(self, host, port, virtual_host, folder, name, network="anywire"):
        context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem"))
        context.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
        self._keys, self._network, self._calls = messages.Keys(folder, name), network, 0
        self._instance = os.urandom(8)
        self._connection = pika.BlockingConnection(pika.ConnectionParameters(
            host, port, virtual_host, credentials=pika.credentials.ExternalCredentials(), ssl_options=pika.SSLOptions(context, "broker"), heartbeat=5))
        self._channel = self._connection.channel()
        self._answers, self._returned = [], False
        self._channel.basic_consume(REPLY_TO, lambda _, __, ___, body: self._answers.append(body), auto_ack=True)
        self._channel.add_on_return_callback(self._on_return)

    def call(self, service, path, body, timeout=5.0):
        """The reply's bytes. Raises CallFailed."""
        self._calls += 1
        call = self._instance + struct.pack(">Q", self._calls)
        request = messages.request(self._keys, call, service, path, int((time.time() + timeout) * 1000), body)
        self._answers.clear()
        self._returned = False
        self._channel.basic_publish(
            "", f"{self._network}.{service}.requests", request,
            pika.BasicProperties(reply_to=REPLY_TO, expiration=str(int(timeout * 1000))), mandatory=True)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            self._connection.process_data_events(time_limit=max(0.0, until - time.monotonic()) if not self._answers and not self._returned else 0)
            if self._returned:
                raise CallFailed(14, f"Nobody listens for {service}.")
            while self._answers:
                try:
                    end = messages.End(self._keys, self._answers.pop(0), call, service)
                except messages.Refused:
                    # Somebody else's word, which ends nothing.
                    continue
                if end.status != 0:
                    raise CallFailed(end.status, end.message)
                return end.reply
        raise CallFailed(4, f"{service} has not answered in {timeout:.0f} s.")

    def close(self):
        self._connection.close()

    def _on_return(self, *_):
        self._returned = True
