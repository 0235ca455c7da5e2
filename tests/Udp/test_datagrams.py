"""The bytes of anywire/datagrams.py are those of tests/Udp/GoldenBytesTests.cs."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "python"))

from anywire import datagrams  # noqa: E402


class Bytes(unittest.TestCase):
    def test_a_method_is_the_beginning_of_a_hash(self):
        self.assertEqual(datagrams.method("/anywire.udp.tests.Echo/Say").hex().upper(), "97D3D29D")

    def test_a_request(self):
        datagrams_method, datagrams.method = datagrams.method, lambda _: bytes.fromhex("CAFEBABE")
        try:
            made = datagrams.request(0x0102030405060708, 1000, "/a.B/C", [("anywire-event-id", "e7"), ("k", "é"), ("b-bin", b"\xff")], b"\x07\x08")
        finally:
            datagrams.method = datagrams_method
        self.assertEqual(
            made.hex().upper(),
            "02" "0027" "0102030405060708" "000003E8" "CAFEBABE" "03" "83" "0002" "6537" "01" "6B" "0002" "C3A9" "05" "622D62696E" "0001" "FF" "0708")

    def test_metadata_is_read_as_it_was_written(self):
        entries = [("anywire-user", "a.b.c"), ("k", ""), ("b-bin", bytes(300))]
        self.assertEqual(datagrams.Reader(datagrams.metadata(entries)).metadata(), entries)

    def test_a_packed_trace_parent_is_read(self):
        packed = bytes.fromhex("01" "80" "0123456789ABCDEF0123456789ABCDEF" "0011223344556677" "01")
        self.assertEqual(
            datagrams.Reader(packed).metadata(), [("traceparent", "00-0123456789abcdef0123456789abcdef-0011223344556677-01")])

    def test_a_message_that_claims_too_much_is_refused(self):
        with self.assertRaises(ValueError):
            list(datagrams.messages(bytes.fromhex("04" "0009" "0000000000000009")))
        self.assertEqual([kind for kind, _ in datagrams.messages(bytes.fromhex("04" "0008" "0000000000000009" "00" "FFFF"))], [datagrams.HANDLED])


if __name__ == "__main__":
    unittest.main()
