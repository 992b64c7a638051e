"""The client against a host that is played here: what it sends, and what it makes of answers."""

import json
import unittest
from collections.abc import Callable
from typing import Any

import httpx

from neustream import Neustream, NeustreamError
from neustream_client.api.plugins import list_plugins
from neustream_client.api.sources import create_source, list_sources
from neustream_client.models import NewSourceBody

Answer = Callable[[], httpx.Response]

SIGNED_IN = {
    "user": {"id": "0199f3a0-c1d2-7b4e-8f00-112233445566", "email": "a@b", "display_name": "A", "role": "member"},
    "token": "one",
    "refresh_token": "refresh-one",
    "expires_in": 900,
}


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    return lambda: httpx.Response(status, json=body, headers=headers)


class Host:
    """Gives these answers in turn and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answers.pop(0)()

    def client(self, **settings: Any) -> Neustream:
        settings = settings or {"api_key": "nsk_1"}
        return Neustream("http://host/", transport=httpx.MockTransport(self), **settings)


class ClientTest(unittest.TestCase):
    def test_a_request_says_whom_it_acts_for(self) -> None:
        host = Host(answer(200, {"sources": [], "next_cursor": None}))
        client = host.client(api_key="nsk_1", organisation="o", app="a")
        self.assertEqual(client.ask(list_sources).sources, [])
        [request] = host.asked
        self.assertEqual(str(request.url).split("?")[0], "http://host/api/sources")
        self.assertEqual(request.headers["authorization"], "Bearer nsk_1")
        self.assertEqual(request.headers["neustream-organisation"], "o")
        self.assertEqual(request.headers["neustream-app"], "a")
        self.assertNotIn("idempotency-key", request.headers)

    def test_a_refusal_is_raised_with_its_code(self) -> None:
        body = {"error": "the limit of 3 sources is reached", "details": {"max": 3}, "code": "LIMIT_REACHED"}
        host = Host(answer(403, body, {"x-request-id": "r-1"}))
        with self.assertRaisesRegex(NeustreamError, "the limit of 3 sources") as raised:
            host.client().ask(create_source, body=NewSourceBody(name="One more"))
        error = raised.exception
        self.assertEqual((error.status, error.code, error.request_id), (403, "LIMIT_REACHED", "r-1"))
        self.assertEqual(error.details["max"], 3)

    def test_a_post_is_sent_again_with_the_same_key_while_the_host_is_busy(self) -> None:
        busy = answer(503, {"error": "busy", "details": None, "code": "UNAVAILABLE"}, {"retry-after": "0"})
        refused = answer(409, {"error": "taken", "details": None, "code": "EMAIL_TAKEN"})
        host = Host(busy, busy, refused)
        with self.assertRaises(NeustreamError):
            host.client().ask(create_source, body=NewSourceBody(name="Main"))
        self.assertEqual(len(host.asked), 3)
        self.assertEqual(len({request.headers["idempotency-key"] for request in host.asked}), 1)

    def test_a_broken_connection_is_tried_again_and_its_error_told_in_the_end(self) -> None:
        def breaks() -> httpx.Response:
            raise httpx.ConnectError("refused")

        host = Host(breaks, breaks)
        with self.assertRaises(httpx.ConnectError):
            host.client(api_key="nsk_1", retries=1).ask(list_sources)
        self.assertEqual(len(host.asked), 2)

    def test_a_person_signs_in_once_and_exchanges_tokens_before_they_expire(self) -> None:
        sources: dict[str, Any] = {"sources": [], "next_cursor": None}
        host = Host(
            answer(200, {**SIGNED_IN, "expires_in": 1}),
            answer(200, sources),
            answer(200, {**SIGNED_IN, "token": "two"}),
            answer(200, sources),
            answer(200, sources),
        )
        client = host.client(email="a@b", password="correct horse battery")
        for _ in range(3):
            client.ask(list_sources)
        paths = [request.url.path.removeprefix("/api/auth/") for request in host.asked]
        self.assertEqual(paths, ["login", "/api/sources", "refresh", "/api/sources", "/api/sources"])
        self.assertEqual(json.loads(host.asked[2].content), {"refresh_token": "refresh-one"})
        self.assertEqual(host.asked[3].headers["authorization"], "Bearer two")

    def test_wrong_credentials_are_raised(self) -> None:
        host = Host(answer(401, {"error": "wrong", "details": None, "code": "INVALID_CREDENTIALS"}))
        with self.assertRaises(NeustreamError) as raised:
            host.client(email="a@b", password="wrong").ask(list_sources)
        self.assertEqual(raised.exception.code, "INVALID_CREDENTIALS")

    def test_a_list_is_read_page_by_page(self) -> None:
        host = Host(
            answer(200, {"plugins": [], "next_cursor": "c"}),
            answer(200, {"plugins": [], "next_cursor": None}),
        )
        self.assertEqual(len(list(host.client().pages(list_plugins))), 2)
        self.assertEqual([request.url.params.get("cursor") for request in host.asked], [None, "c"])

    def test_a_client_needs_to_know_who_asks(self) -> None:
        with self.assertRaises(ValueError):
            Neustream("http://host")


if __name__ == "__main__":
    unittest.main()
