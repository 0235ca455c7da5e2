"""The example's TCP client byte by byte, against what the page beside Anywire.Tcp says and what a handler may send."""

import os
import socket
import ssl
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "examples", "python"))

from anywire import tcp  # noqa: E402
from anywire.failures import Failure  # noqa: E402

HELLO = "0100000e00000000" "414e5957" "01" "00" "00010000" "00000000"
HANDLERS_HELLO = bytes.fromhex("0100000e00000000" "414e5957" "01" "00" "00100000" "00004000")
# "/a/B" under number 0, and its first call: 1, without metadata, with the message 07 08.
METHOD = "0200000600000000" "0000" "2f612f42"
CALL = "2300000a00000001" "0000" "{:08x}" "0000" "0708"
NO_TIME = 0.05
LONG = 3600


class Tcp(unittest.TestCase):
    def setUp(self):
        own, self.handler = socket.socketpair()
        self.addCleanup(own.close)
        self.addCleanup(self.handler.close)
        self.handler.sendall(HANDLERS_HELLO)
        self.connection = tcp.Connection(own, time.monotonic() + LONG)
        self.assertEqual(HELLO, self.sent())

    def sent(self):
        try:
            return self.handler.recv(1 << 20, socket.MSG_DONTWAIT).hex()
        except BlockingIOError:
            return ""

    def call(self, *frames, body=b"\x07\x08", left=LONG, metadata=()):
        """Makes a call to a handler that has sent some frames already."""
        self.handler.sendall(b"".join(frames))
        return self.connection.call("/a/B", body, metadata, time.monotonic() + left)

    def refused(self, *frames, kind=Failure):
        with self.assertRaises(kind) as refused:
            self.call(*frames)
        return refused.exception

    def test_a_call_is_these_bytes(self):
        self.assertEqual(b"\x09", self.call(bytes.fromhex("2400000100000001" "09")))
        self.assertEqual(METHOD + CALL.format(LONG * 1000), self.sent())
        # The method has its number, and the next call one of its own.
        self.assertEqual(b"", self.call(bytes.fromhex("2400000000000002"), metadata=[("k", "é"), ("b-bin", b"\xff")]))
        self.assertEqual("2300001900000002" "0000" f"{LONG * 1000:08x}" "0002" "016b0002c3a9" "05622d62696e0001ff" "0708", self.sent())

    def test_a_ping_is_answered_and_what_is_no_answer_to_the_call_is_passed_over(self):
        ping, headers, window = "0a000003000000000102ff", "0700000200000001" "0000", "0900000400000001" "00000001"
        other, pong = "2400000100000007" "01", "0b00000000000000"
        self.assertEqual(b"\x09", self.call(bytes.fromhex(ping + headers + window + other + pong + "2400000100000001" "09")))
        self.assertEqual(METHOD + CALL.format(LONG * 1000) + "0b000003000000000102ff", self.sent())

    def test_a_status_is_told_with_its_detail(self):
        refused = self.refused(tcp.frame(tcp.STATUS, bytes.fromhex("10" "0005" "73c3a9 73 6f" "0001" "026162" "0001" "63"), 1))
        self.assertEqual(("UNAUTHENTICATED", "séso"), (refused.code, refused.message))
        self.assertNotIsInstance(refused, tcp.NotExecuted)

    def test_a_call_that_was_not_executed_is_told_apart(self):
        trailers = tcp.packed([("anywire-not-executed", "draining")])
        self.assertEqual("UNAVAILABLE", self.refused(tcp.frame(tcp.STATUS, b"\x0e\x00\x00" + trailers, 1), kind=tcp.NotExecuted).code)

    def test_a_reply_with_trailers_ends_with_their_status(self):
        trailers = tcp.packed([("k", "v")])
        self.assertEqual(b"\x09", self.call(tcp.frame(tcp.MESSAGE, b"\x09", 1), tcp.frame(tcp.STATUS, b"\x00\x00\x00" + trailers, 1)))

    def test_a_reply_in_parts_is_put_together_between_other_frames(self):
        reply = os.urandom(2 * tcp.MAX_PAYLOAD + 1)
        frames = tcp.parts(tcp.MESSAGE, reply, 1)
        self.assertEqual([0x14, 0x14, 0x24], [f[0] for f in frames])
        self.assertEqual(reply, self.call(frames[0], tcp.frame(tcp.MESSAGE, b"x", 7, tcp.LAST), frames[1], tcp.frame(tcp.PING, b""), frames[2]))

    def test_a_request_in_parts_has_its_head_in_the_first(self):
        self.connection._methods["/a/B"] = 0
        body = os.urandom(tcp.MAX_PAYLOAD)
        self.handler.sendall(tcp.frame(tcp.MESSAGE, b"", 1, tcp.LAST))
        self.connection.call("/a/B", body, (), time.monotonic() + LONG)
        sent = self.sent()
        self.assertEqual("1300800000000001", sent[:16])
        self.assertEqual("2400000800000001" + body[-8:].hex(), sent[-32:])

    def test_told_to_go_away_it_waits_for_its_answer_and_is_fit_for_no_other_call(self):
        self.assertTrue(self.connection.is_fit())
        self.assertEqual(b"\x09", self.call(tcp.frame(tcp.GO_AWAY, b"closing"), tcp.frame(tcp.MESSAGE, b"\x09", 1, tcp.LAST)))
        self.assertEqual((False, "closing"), (self.connection.is_fit(), self.connection.farewell))

    def test_without_an_answer_in_time_it_is_cancelled_and_what_comes_late_ignored(self):
        with self.assertRaises(tcp.DeadlinePassed):
            self.call(left=NO_TIME)
        self.assertTrue(self.sent().endswith("0800000000000001"))
        self.assertEqual(b"\x0a", self.call(tcp.frame(tcp.MESSAGE, b"\x09", 1, tcp.LAST), tcp.frame(tcp.MESSAGE, b"\x0a", 2, tcp.LAST)))

    def test_silence_is_asked_about_and_then_believed(self):
        self.connection._heard -= tcp.ASK_AFTER
        self.connection._asked -= tcp.ASK_AFTER
        with self.assertRaises(tcp.DeadlinePassed):
            self.call(left=NO_TIME)
        self.assertIn("0a00000800000000" "0000000000000000", self.sent())
        self.connection._heard -= tcp.GONE_AFTER
        self.assertIn("nothing was heard", str(self.refused(kind=OSError)))

    def test_what_is_not_as_the_page_says_breaks_the_connection_in_words(self):
        for wrong in ("0400800100000001", "0600000300000001" "110000", "0600000500000001" "0000050000", "0600000500000001" "0000000000", "0500000000000001",
                      "0400000100000001" "09" "2400000100000001" "09"):
            with self.subTest(wrong):
                self.setUp()
                self.refused(bytes.fromhex(wrong), kind=tcp.Broken)
                self.assertIn("0c0000", self.sent())

    def test_no_time_left_or_too_much_metadata_sends_nothing(self):
        with self.assertRaises(tcp.DeadlinePassed):
            self.call(left=0)
        with self.assertRaises(Failure):
            self.call(metadata=[("k", "v" * tcp.MAX_METADATA)])
        self.assertEqual("", self.sent())
        # Nor is the method taken for named.
        self.call(tcp.frame(tcp.MESSAGE, b"", 1, tcp.LAST))
        self.assertEqual(METHOD, self.sent()[:len(METHOD)])

    def test_a_handler_of_another_version_is_not_called(self):
        own, handler = socket.socketpair()
        self.addCleanup(own.close)
        self.addCleanup(handler.close)
        handler.sendall(HANDLERS_HELLO[:12] + b"\x02" + HANDLERS_HELLO[13:])
        self.assertRaises(tcp.Broken, tcp.Connection, own, time.monotonic() + LONG)


class Connections(unittest.TestCase):
    """When a service is called over which connection."""

    def setUp(self):
        self.handlers = []
        self.service = tcp.Service("a", "127.0.0.1:1", None)
        self.service._connect = self.connect
        self.addCleanup(self.service.close)
        self.answers = []

    def connect(self, until):
        own, handler = socket.socketpair()
        self.addCleanup(handler.close)
        self.handlers.append(handler)
        handler.sendall(HANDLERS_HELLO + self.answers.pop(0))
        return tcp.Connection(own, until)

    def call(self):
        return self.service.call("/a/B", b"", timeout=LONG)

    def refusal(self, call=1):
        return tcp.frame(tcp.STATUS, b"\x0e\x00\x00" + tcp.packed([("anywire-not-executed", "draining")]), call)

    def test_calls_share_one_until_it_is_told_to_go_away(self):
        first = [tcp.frame(tcp.MESSAGE, b"1", 1, tcp.LAST), tcp.frame(tcp.GO_AWAY, b"closing"), tcp.frame(tcp.MESSAGE, b"2", 2, tcp.LAST)]
        self.answers = [b"".join(first), tcp.frame(tcp.MESSAGE, b"3", 1, tcp.LAST)]
        self.assertEqual([b"1", b"2", b"3"], [self.call() for _ in range(3)])

    def test_one_that_was_silent_between_two_calls_is_not_trusted(self):
        self.answers = [tcp.frame(tcp.MESSAGE, b"1", 1, tcp.LAST), tcp.frame(tcp.MESSAGE, b"2", 1, tcp.LAST)]
        self.call()
        self.service._connection._heard -= tcp.ASK_AFTER
        self.assertEqual(b"2", self.call())

    def test_what_was_not_executed_is_called_once_more_and_elsewhere(self):
        self.answers = [self.refusal(), tcp.frame(tcp.MESSAGE, b"2", 1, tcp.LAST)]
        self.assertEqual(b"2", self.call())
        self.answers = [self.refusal(), self.refusal()]
        self.service.close()
        self.assertRaises(tcp.NotExecuted, self.call)

    def test_what_may_have_been_executed_is_not_called_again(self):
        self.answers = [b""]

        def connect(until):
            connection = self.connect(until)
            self.handlers[-1].shutdown(socket.SHUT_WR)
            return connection

        self.service._connect = connect
        with self.assertRaises(Failure) as refused:
            self.call()
        self.assertEqual("UNAVAILABLE", refused.exception.code)
        self.assertIn("was lost before it answered: the other side closed it.", refused.exception.message)
        self.assertEqual(1, len(self.handlers))

    def test_who_says_no_hello_cannot_be_reached_and_no_time_left_is_told_apart(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        before, tcp.CONNECT_TIMEOUT = tcp.CONNECT_TIMEOUT, NO_TIME
        self.addCleanup(setattr, tcp, "CONNECT_TIMEOUT", before)
        for timeout, code in ((LONG, "UNAVAILABLE"), (NO_TIME / 2, "DEADLINE_EXCEEDED")):
            with self.assertRaises(Failure) as refused:
                tcp.Service("a", f"127.0.0.1:{listener.getsockname()[1]}", context).call("/a/B", b"", timeout=timeout)
            self.assertEqual(code, refused.exception.code)


if __name__ == "__main__":
    unittest.main()
