import unittest
from types import SimpleNamespace
from typing import Any
from unittest import mock

from slipway_sdk import EffectClass, Endpoint, Failure, FailureKind, escape, http


class Answers(unittest.TestCase):
    def test_one_that_is_no_success_is_a_failure_in_its_own_words(self) -> None:
        for status, body, kind, words in [
            (422, b'{"error":"port 80 is taken"}', FailureKind.INVALID, "port 80 is taken"),
            (409, b'{"message":"another"}', FailureKind.REFUSED, "another"),
            (503, b"busy\nsecond line", FailureKind.UNAVAILABLE, "busy"),
            (429, b'{"error":7}', FailureKind.UNAVAILABLE, '{"error":7}'),
            (501, b"\xff", FailureKind.UNSUPPORTED, "\ufffd"),
            (301, b"", FailureKind.FAILED, "no explanation"),
            (404, b"x" * 501, FailureKind.FAILED, "x" * 500),
        ]:
            with self.subTest(status), self.assertRaises(Failure) as refused:
                http.Response(status, [], body).success("PUT", "/v1/x")
            expected = Failure(kind, f"PUT /v1/x was answered {status}: {words}")
            self.assertEqual(refused.exception, expected)

    def test_a_success_is_itself(self) -> None:
        response = http.Response(201, [("Next-Offset", "7")], b"[1]").success("GET", "/")
        self.assertEqual((response.header("next-offset"), response.json(list[int])), ("7", [1]))
        with self.assertRaises(Failure) as refused:
            response.json(list[str])
        message = "the answer is not what was expected: `[0]` is 1, and has to be text"
        self.assertEqual(refused.exception, Failure.failed(message))


class Requests(unittest.TestCase):
    def sent(self, status: int, body: bytes = b"") -> Any:
        return mock.patch("slipway_sdk.http.send", return_value=http.Response(status, [], body))

    def test_what_an_endpoint_sends(self) -> None:
        with self.sent(200) as send:
            Endpoint("api").put_json("/v1/x", {"b": 1, "a": "ä"})
        headers = [("content-type", "application/json")]
        body = '{"a":"ä","b":1}'.encode()
        request = http.Request("PUT", "/v1/x", EffectClass.IDEMPOTENT, headers, body, 30_000)
        send.assert_called_once_with("api", request)
        with self.sent(200) as send:
            Endpoint("api").get("/v1/x")
        send.assert_called_once_with("api", http.Request("GET", "/v1/x", EffectClass.READ))

    def test_nothing_there(self) -> None:
        with self.sent(404, b"gone"):
            self.assertIsNone(Endpoint("api").find_json("/v1/x"))
            Endpoint("api").remove("/v1/x", 1)
            with self.assertRaises(Failure):
                Endpoint("api").delete("/v1/x", 1)

    def test_what_was_being_done_is_said(self) -> None:
        with mock.patch("slipway_sdk.http.send", side_effect=Failure.unavailable("refused", "start it")):
            with self.assertRaises(Failure) as refused:
                Endpoint("api").get("/v1/x")
        self.assertEqual(refused.exception, Failure.unavailable("GET /v1/x: refused", "start it"))

    def test_a_body_is_of_the_bindings_type(self) -> None:
        module = SimpleNamespace(
            Content_Bytes=lambda value: ("bytes", value), Content_Blob=lambda value: ("blob", value), send=mock.Mock()
        )
        module.send.return_value = SimpleNamespace(status=200, headers=[], body=b"")
        with mock.patch("slipway_sdk.host.bindings", return_value=module):
            Endpoint("api").put_blob("/v1/x", "sha256:1", 7)
        endpoint, request = module.send.call_args.args
        self.assertEqual((endpoint, request.body, request.timeout_ms), ("api", ("blob", "sha256:1"), 7))
        self.assertEqual(request.effect.value, 1)
        self.assertEqual(request.headers, [("content-type", "application/octet-stream")])


class Paths(unittest.TestCase):
    def test_escaped(self) -> None:
        self.assertEqual(escape("a b/ä?&=~1"), "a%20b%2F%C3%A4%3F%26%3D~1")
