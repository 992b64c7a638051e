"""What stands between an author's plugin and a component's bindings, with stand-ins of the bindings."""

from types import SimpleNamespace
from typing import Any
from unittest import TestCase

from neustream_plugin import Context, Host, PluginError, PureHost, Request, Value
from neustream_plugin.component import Bindings, exported
from neustream_plugin.destination import Broadcast, DestinationAdapter, Target, destination
from neustream_plugin.moderation import Found, Message, ModerationFilter, Verdict, moderation


class Err(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Words:
    """A module whose every name is a record of its arguments."""

    def __getattr__(self, name: str) -> Any:
        return lambda *values: (name, *values)


def bindings(**imports: Any) -> tuple[Bindings, list[tuple[str, str]]]:
    said: list[tuple[str, str]] = []
    telemetry = SimpleNamespace(panicked=lambda message, place: said.append((message, place)))
    config = SimpleNamespace(get=lambda: "{}")
    there = {"types": Words(), "config": config, "telemetry": telemetry, **imports}
    folder = __file__.rpartition("/")[0]
    return Bindings(there, Words(), Err, SimpleNamespace, folder, "src"), said


CTX = SimpleNamespace(
    tenant="t", installation="i", call_id="c", trace_parent="", now=1_760_000_000_000, attempt=1, deadline_ms=100
)
BROADCAST = SimpleNamespace(id="b", title="", visibility="public")


class Asks(DestinationAdapter):
    def prepare(self, host: Host, ctx: Context, broadcast: Broadcast) -> Target:
        host.send(Request.get("https://a.example"))
        return Target.of("rtmps://a.example/live", Value.Secret("stream-key"))


class Answers(ModerationFilter):
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def judge(self, host: PureHost, ctx: Context, batch: list[Message], found: list[Found]) -> list[Verdict]:
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: list[Verdict] = self.answer
        return answer


class Component(TestCase):
    def test_what_the_manifest_does_not_ask_for_is_denied_when_it_is_called(self) -> None:
        there, _ = bindings()
        adapter = exported("destination", destination(Asks), there)["Adapter"]()
        with self.assertRaises(Err) as raised:
            adapter.prepare(CTX, BROADCAST)
        case, (_, code, message, _) = raised.exception.value
        self.assertEqual((case, code), ("Error_Denied", "not-asked"))
        self.assertIn("[capabilities.http]", message)

    def test_what_the_host_refuses_is_a_plugin_error(self) -> None:
        class Http(Words):
            def send(self, _: Any) -> Any:
                problem = SimpleNamespace(code="slow-down", message="Later.", retry_after_ms=5)
                raise Err(type("Error_RateLimited", (), {"value": problem})())

        there, _ = bindings(http=Http())
        adapter = exported("destination", destination(Asks), there)["Adapter"]()
        with self.assertRaises(Err) as raised:
            adapter.prepare(CTX, BROADCAST)
        self.assertEqual(raised.exception.value, ("Error_RateLimited", ("Problem", "slow-down", "Later.", 5)))

    def test_any_other_error_is_the_plugins_last_words_with_its_place(self) -> None:
        there, said = bindings()
        judge = exported("moderation", Answers(ValueError("no")), there)["Filter"]().judge
        with self.assertRaises(ValueError):
            judge(CTX, [], [])
        self.assertEqual(said[0][0], "ValueError: no")
        self.assertRegex(said[0][1], r"^src/test_component.py:\d+$")

    def test_an_answer_that_is_not_what_the_interface_has_is_told_by_its_name(self) -> None:
        for answer, words in (
            ([None], "must be a Verdict, not NoneType"),
            ([Verdict("m", "hold", "r", "r")], "a verdict's action must be an Action, not str"),  # type: ignore[arg-type]
        ):
            there, said = bindings()
            with self.assertRaises(TypeError):
                exported("moderation", moderation(Answers(answer)), there)["Filter"]().judge(CTX, [], [])
            self.assertIn(words, said[0][0])

    def test_a_filter_cannot_answer_an_error(self) -> None:
        there, said = bindings()
        judge = exported("moderation", Answers(PluginError.other("a", "b")), there)["Filter"]().judge
        with self.assertRaises(PluginError):
            judge(CTX, [], [])
        self.assertEqual(said[0][0], "PluginError: b")
