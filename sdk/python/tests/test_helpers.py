from unittest import TestCase

from neustream_plugin import Cached, PaymentFailure, PluginError, Response, hex, json, paging, query
from neustream_plugin.chat import is_id
from neustream_plugin.payment import is_key


class Helpers(TestCase):
    def test_a_status_tells_who_is_to_act(self) -> None:
        for status, kind, code in (
            (301, "unavailable", "platform-error"),
            (400, "other", "refused"),
            (401, "unauthorized", "unauthorized"),
            (403, "unauthorized", "unauthorized"),
            (404, "other", "refused"),
            (408, "unavailable", "platform-error"),
            (429, "rate-limited", "rate-limited"),
            (503, "unavailable", "platform-error"),
        ):
            error = Response(status, [], b"").error_of_status("Example")
            self.assertEqual((error.kind, error.code), (kind, code), status)
            self.assertTrue(str(error).startswith("Example "))

    def test_retry_after_is_read_in_seconds_and_as_a_date(self) -> None:
        now = "Fri, 20 Nov 2026 08:00:00 GMT"
        for value, date, expected in (
            ("30", None, 30_000),
            (" 0 ", None, 0),
            ("4294967295", None, None),
            ("-1", None, None),
            ("soon", now, None),
            ("Fri, 20 Nov 2026 08:01:00 GMT", now, 60_000),
            ("Fri, 20 Nov 2026 07:00:00 GMT", now, 0),
            ("Fri, 20 Nov 2026 08:01:00 GMT", None, None),
            ("Fri, 99 Nov 2026 08:01:00 GMT", now, None),
        ):
            headers = [("Retry-After", value)] + ([("date", date)] if date else [])
            self.assertEqual(Response(503, headers, b"").retry_after_ms(), expected, value)

    def test_a_failed_payment_takes_the_safe_side(self) -> None:
        for error, kind in (
            (PluginError.denied("host-denied", "No."), "not-sent"),
            (PluginError.invalid_config("/a", "wrong", "no"), "not-sent"),
            (PluginError.unauthorized("unauthorized", "No."), "not-sent"),
            (PluginError.rate_limited("rate-limited", "Later."), "not-sent"),
            (PluginError.unavailable("timed-out", "?"), "unknown"),
            (PluginError.other("refused", "?"), "unknown"),
        ):
            self.assertEqual(PaymentFailure.of(error).kind, kind, error.kind)

    def test_a_query_is_read_as_it_was_written(self) -> None:
        for text in ("a", "a b", "ä€😀", "%", "%2", "+&=?#/", "\0\r\n"):
            written = query.encode([(text, text)])
            self.assertEqual(query.pairs(written), [(text, text)])
            self.assertTrue(written.isascii() and " " not in written)

    def test_nonsense_in_a_query_is_read_without_an_error(self) -> None:
        for text, expected in (
            ("a=%", "%"),
            ("a=%4", "%4"),
            ("a=%zz", "%zz"),
            ("a=%é9", "%é9"),
            ("a=%ff", "\ufffd"),
            ("a=1=2", "1=2"),
            ("?a=1#b", "1"),
            ("&&a=1", "1"),
        ):
            self.assertEqual(query.get(text, "a"), expected, text)

    def test_a_list_that_turns_in_a_circle_ends_in_an_error(self) -> None:
        with self.assertRaises(PluginError) as raised:
            list(paging.items(lambda _: paging.Page([1], "x")))
        self.assertEqual(raised.exception.code, "paging")

    def test_the_next_page_is_found_in_a_link_header(self) -> None:
        for link, expected in (
            ('<https://a.example/?p=1>; rel="prev", <https://a.example/?p=3>; rel="next"', "https://a.example/?p=3"),
            ("<https://a.example/?p=3>; rel=next", "https://a.example/?p=3"),
            ('<https://a.example/>; rel="nextish"', None),
            ("nonsense", None),
        ):
            self.assertEqual(paging.next_link(Response(200, [("link", link)], b"")), expected, link)

    def test_digits_are_read_and_nothing_else_is(self) -> None:
        every = bytes(range(256))
        self.assertEqual(hex.decode(hex.encode(every)), every)
        for wrong in ("0", "0g", "+1", " 1", "é", "00\n"):
            self.assertIsNone(hex.decode(wrong), wrong)

    def test_what_is_no_json_is_told_without_quoting_it(self) -> None:
        for body in (b"<secret>", b"\xff\xfe"):
            with self.assertRaises(PluginError) as raised:
                json.loads(body)
            self.assertNotIn("secret", str(raised.exception))

    def test_a_preparation_is_made_once_for_the_same_text(self) -> None:
        prepared: list[str] = []
        cached: Cached[None] = Cached()
        for text in ("a", "a", "b", "a"):
            cached.get(text, prepared.append)
        self.assertEqual(prepared, ["a", "b", "a"])

    def test_ids_and_keys_are_what_the_host_takes_for_them(self) -> None:
        for text, expected in (("m-1", True), ("", False), ("a\n", False), ("ä" * 129, False)):
            self.assertEqual(is_id(text), expected, text)
        for text, expected in (("charge-1", True), ("Charge", False), ("a" * 41, False), ("a\n", False)):
            self.assertEqual(is_key(text), expected, text)
