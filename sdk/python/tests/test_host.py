from unittest import TestCase

from neustream_plugin import PluginError, Request
from neustream_plugin.testing import FakeHost, answer, unreachable


def request() -> Request:
    return Request.get("https://api.example/v1").bearer("account")


class Host(TestCase):
    def test_announced_requests_are_answered_and_others_fail_the_test(self) -> None:
        host = FakeHost().expect(request(), answer(200, json={"live": True})).expect(request(), unreachable())
        self.assertEqual(host.send(request()).json(), {"live": True})
        with self.assertRaises(PluginError):
            host.send(request())
        with self.assertRaisesRegex(AssertionError, "did not announce"):
            host.send(request())
        host.expect(request(), answer(200))
        with self.assertRaisesRegex(AssertionError, "another request"):
            host.send(request().query("a", "b"))
        with self.assertRaisesRegex(AssertionError, "never made: GET https://api.example/v1"):
            with FakeHost().expect(request(), answer(200)):
                pass

    def test_the_memory_compares_expires_and_fills_up(self) -> None:
        host = FakeHost()
        self.assertEqual(host.kv_put("a", b"1"), 1)
        self.assertIsNone(host.kv_put("a", b"2"))
        self.assertEqual(host.kv_put("a", b"2", 1, 10), 2)
        host.pass_seconds(10)
        self.assertIsNone(host.kv_get("a"))
        self.assertFalse(host.kv_delete("a", 2))
        host.is_memory_full = True
        with self.assertRaises(PluginError):
            host.kv_put("b", b"1")

    def test_a_signature_is_verified_with_the_secret_of_its_name(self) -> None:
        host = FakeHost(secrets={"webhook-secret": "whsec_1"})
        tag = host.hmac_sha256("webhook-secret", b"body")
        self.assertTrue(host.verify_hmac_sha256("webhook-secret", b"body", tag))
        self.assertFalse(host.verify_hmac_sha256("webhook-secret", b"other", tag))
        with self.assertRaises(PluginError) as raised:
            host.hmac_sha256("other", b"body")
        self.assertEqual(raised.exception.code, "secret-missing")

    def test_what_would_be_escaped_in_a_log_and_names_that_are_no_metrics_fail_the_test(self) -> None:
        host = FakeHost()
        host.log("info", "fine", {"count": "1"})
        self.assertEqual(host.logged, [("info", "fine")])
        with self.assertRaises(AssertionError):
            host.log("info", "a\nb")
        host.count("messages", 2)
        self.assertEqual(host.counted["messages"], 2)
        with self.assertRaises(AssertionError):
            host.count("Messages")
