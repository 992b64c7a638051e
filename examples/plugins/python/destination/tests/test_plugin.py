from pathlib import Path
from unittest import TestCase

from neustream_plugin import PluginError, Request, Response, Value
from neustream_plugin.destination import Health, Target
from neustream_plugin.testing import FakeHost, answer, broadcast, config_of_examples
from plugin import plugin

SCHEMA = Path(__file__).parent.parent / "config.schema.json"


def prepared(settings: dict[str, str]) -> Target:
    host = FakeHost(settings)
    return plugin.prepare(host, host.context(), broadcast())


def checked(outcome: Response) -> Health:
    request = Request.get("https://api.live.example/v1/channels/ronni")
    with FakeHost().expect(request, outcome) as host:
        return plugin.check(host, host.context(), b"ronni")


class ExampleLive(TestCase):
    def test_the_target_is_the_chosen_server_and_the_tenants_key(self) -> None:
        target = prepared({"channel": "ronni", "server": "us"})
        self.assertEqual(target.url, "rtmps://us.ingest.live.example/live")
        self.assertEqual(target.protocol, "rtmps")
        self.assertEqual(target.key, Value.Secret("stream-key"))
        self.assertEqual(target.state, b"ronni")

    def test_the_examples_of_the_form_work(self) -> None:
        target = prepared(config_of_examples(SCHEMA.read_text()))
        self.assertEqual(target.url, "rtmps://eu.ingest.live.example/live")

    def test_the_platform_tells_how_many_watch(self) -> None:
        self.assertEqual(checked(answer(200, json={"live": True, "viewers": 12})), Health(True, 12))

    def test_a_channel_that_is_not_there_is_not_live(self) -> None:
        self.assertEqual(checked(answer(404)), Health(live=False))

    def test_a_platform_that_fails_is_an_error_and_not_the_end_of_the_broadcast(self) -> None:
        for outcome in (answer(503), answer(200, "<html>")):
            with self.assertRaises(PluginError) as raised:
                checked(outcome)
            self.assertEqual(raised.exception.kind, "unavailable")
