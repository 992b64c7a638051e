from pathlib import Path
from unittest import TestCase

from neustream_plugin import Problem
from neustream_plugin.chat import AnyEffect, Connection, Effect, Endpoint, Event, Message, Payload, Transport
from neustream_plugin.testing import Driver, config_of_examples
from plugin import plugin

SCHEMA = Path(__file__).parent.parent / "config.schema.json"


def connected() -> Driver:
    """A driver whose connection is open."""
    driver = Driver(plugin, config_of_examples(SCHEMA.read_text()))
    assert driver.handle(Event.Opened("chat")) == [Effect.Status()]
    return driver


def said(driver: Driver, text: str) -> list[AnyEffect]:
    return driver.handle(Event.Received("chat", Payload.Text(text)))


class ExampleChat(TestCase):
    def test_the_channels_socket_is_kept_open(self) -> None:
        driver = Driver(plugin, {"channel": "ronni"})
        endpoint = Endpoint("wss://chat.live.example/v1/channels/ronni").bearer("token")
        self.assertEqual(driver.effects, [Effect.Reopen(Connection("chat", Transport.Websocket(endpoint)))])

    def test_messages_and_removals_are_told(self) -> None:
        driver = connected()
        text = '{"type": "message", "id": "m-1", "author_id": "42", "author": "Ronni", "text": "hi"}'
        self.assertEqual(said(driver, text), [Effect.Publish(Message("m-1", "Ronni", "hi", "42"))])
        self.assertEqual(said(driver, '{"type": "removed", "id": "m-1"}'), [Effect.Retract("m-1")])

    def test_what_is_written_is_sent_once_the_platform_says_so(self) -> None:
        driver = connected()
        effects = driver.handle(Event.Send("o-1", "hello"))
        self.assertEqual(effects, [Effect.text("chat", '{"ref":"o-1","text":"hello","type":"send"}')])
        self.assertEqual(said(driver, '{"type": "sent", "ref": "o-1"}'), [Effect.Sent("o-1")])

    def test_what_is_refused_or_lost_has_failed(self) -> None:
        driver = connected()
        driver.handle(Event.Send("o-1", "hello"))
        refused = said(driver, '{"type": "refused", "ref": "o-1", "reason": "Slow mode."}')
        self.assertEqual(refused, [Effect.Failed("o-1", Problem("refused", "Slow mode."))])
        driver.handle(Event.Send("o-2", "hello"))
        gone = Problem("closed", "The server closed the connection.")
        failed, status = driver.handle(Event.Closed("chat", gone))
        assert isinstance(failed, Effect.Failed)
        self.assertEqual((failed.id, failed.problem.code, status), ("o-2", "unconfirmed", Effect.Status(gone)))
        failed = driver.handle(Event.Send("o-3", "hello"))[0]
        assert isinstance(failed, Effect.Failed)
        self.assertEqual(failed.problem.code, "not-connected")

    def test_nonsense_is_passed_over(self) -> None:
        driver = connected()
        for text in ("", "{}", "[1", '{"type": "dance"}', '{"type": "removed", "id": ""}'):
            self.assertEqual(said(driver, text), [])
