"""CBOR, which the newest SDKs speak to CodeConnections, and what errors look like in it."""

import sys
import unittest
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from account import ACCESS_KEY, ENDPOINT, AccountTest, client

sys.path.insert(0, str(Path(__file__).parents[2] / "emulator"))
import cbor  # noqa: E402


class Codec(unittest.TestCase):
    """Bytes and values."""

    def test_known_bytes(self):
        """Examples of RFC 8949, appendix A."""
        for text, value in {
            "00": 0,
            "1818": 24,
            "1903e8": 1000,
            "1b000000e8d4a51000": 1000000000000,
            "20": -1,
            "3903e7": -1000,
            "fb3ff199999999999a": 1.1,
            "f4": False,
            "f5": True,
            "f6": None,
            "6161": "a",
            "62c3bc": "ü",
            "4401020304": b"\1\2\3\4",
            "83010203": [1, 2, 3],
            "a26161016162820203": {"a": 1, "b": [2, 3]},
            "80": [],
            "a0": {},
        }.items():
            with self.subTest(text):
                self.assertEqual(cbor.encode(value), bytes.fromhex(text))
                self.assertEqual(cbor.decode(bytes.fromhex(text)), value)

    def test_what_only_others_send(self):
        for text, value in {
            "f93c00": 1.0,
            "fa47c35000": 100000.0,
            "9f0102ff": [1, 2],
            "bf616101ff": {"a": 1},
            "7f657374726561646d696e67ff": "streaming",
            "c11a514b67b0": 1363896240,
            "f7": None,
        }.items():
            with self.subTest(text):
                self.assertEqual(cbor.decode(bytes.fromhex(text)), value)

    def test_a_moment_is_tagged(self):
        self.assertEqual(cbor.encode(cbor.Instant(1.5)).hex(), "c1fb3ff8000000000000")

    def test_rubbish_is_refused(self):
        for text in ("", "1f", "62c3", "0000", "a161", "5f01ff", "fc"):
            with self.subTest(text), self.assertRaises((ValueError, TypeError)):
                cbor.decode(bytes.fromhex(text))


class Protocol(AccountTest):
    """Requests as the SDK for Rust sends them."""

    def send(self, operation, value):
        credential = f"Credential={ACCESS_KEY}/20260101/us-east-1/codeconnections/aws4_request"
        request = urllib.request.Request(
            f"{ENDPOINT}/service/CodeConnections_20231201/operation/{operation}",
            data=cbor.encode(value),
            headers={
                "content-type": "application/cbor",
                "accept": "application/cbor",
                "smithy-protocol": "rpc-v2-cbor",
                "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, dict(answer.headers), cbor.decode(answer.read())
        except HTTPError as error:
            return error.code, dict(error.headers), cbor.decode(error.read())

    def test_a_connection_in_cbor(self):
        status, headers, made = self.send(
            "CreateConnection", {"ConnectionName": "zonke-gitlab", "ProviderType": "GitLab"}
        )
        self.assertEqual(status, 200, made)
        self.assertEqual(headers["smithy-protocol"], "rpc-v2-cbor")
        _, _, found = self.send("GetConnection", {"ConnectionArn": made["ConnectionArn"]})
        self.assertEqual(found["Connection"]["ConnectionName"], "zonke-gitlab")
        self.assertIn(found["Connection"]["ConnectionStatus"], ("PENDING", "AVAILABLE"))
        _, _, listed = self.send("ListConnections", {"ProviderTypeFilter": "GitLab", "MaxResults": 50})
        self.assertIn(made["ConnectionArn"], [each["ConnectionArn"] for each in listed["Connections"]])
        self.send("DeleteConnection", {"ConnectionArn": made["ConnectionArn"]})
        status, _, error = self.send("GetConnection", {"ConnectionArn": made["ConnectionArn"]})
        self.assertEqual((status, error["__type"]), (400, "ResourceNotFoundException"))

    def test_nobody_runs_code_here(self):
        with self.assertRaisesRegex(Exception, "does not run Lambda code"):
            client("lambda").invoke(FunctionName="anything", Payload=b"{}")
