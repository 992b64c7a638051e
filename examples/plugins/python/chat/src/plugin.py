"""Reads and writes a channel's chat on Example Live, a made-up platform: JSON texts over one WebSocket."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from neustream_plugin import AuthenticatingHost, Context, PluginError, Problem, query, read_config
from neustream_plugin.chat import (
    AnyEffect,
    AnyEvent,
    ChatConnector,
    Connection,
    Effect,
    Endpoint,
    Event,
    Message,
    Payload,
    Step,
    Transport,
    chat,
    is_id,
)
from neustream_plugin.json import dumps, loads

SOCKET = "chat"
"""The only connection's name."""


@dataclass
class State:
    """All that is remembered from call to call: an instance may be dropped after each."""

    is_open: bool = False
    """Whether the connection is open."""
    waiting: list[str] = field(default_factory=list)
    """Outgoing messages that the platform has not answered."""

    def step(self, effects: list[AnyEffect]) -> Step:
        return Step(dumps(asdict(self)), effects)


class ExampleChat(ChatConnector):
    """The connector."""

    # The host opens the socket, and again, with back-off, whenever it closes.
    def open(self, host: AuthenticatingHost, ctx: Context) -> Step:
        channel = query.escape(read_config(host)["channel"])
        endpoint = Endpoint(f"wss://chat.live.example/v1/channels/{channel}").bearer("token")
        return State().step([Effect.Reopen(Connection(SOCKET, Transport.Websocket(endpoint)))])

    # Events in; state and effects out. The same events come again until the step has been committed, so nothing may
    # depend on anything but these arguments.
    def handle(self, host: AuthenticatingHost, ctx: Context, state: bytes, events: list[AnyEvent]) -> Step:
        try:
            now = State(**loads(state))
        except (PluginError, TypeError):
            # A state of another version: begin anew.
            return self.open(host, ctx)
        effects: list[AnyEffect] = []
        for event in events:
            match event:
                case Event.Opened():
                    now.is_open = True
                    effects.append(Effect.Status())
                case Event.Received(_, Payload.Text(text)):
                    received(now, host, text, effects)
                case Event.Closed(_, problem):
                    closed(now, effects)
                    effects.append(Effect.Status(problem))
                case Event.Send(id, text):
                    send(now, id, text, effects)
                # The platform tells what was removed, as it does when somebody else removes it.
                case Event.Remove(id) if now.is_open:
                    effects.append(say({"id": id, "type": "remove"}))
                # Without a poll, a webhook, a request or a timer there is nothing else.
                case _:
                    pass
        return now.step(effects)


def say(text: dict[str, str]) -> AnyEffect:
    """A text for the platform."""
    return Effect.text(SOCKET, dumps(text).decode())


def received(now: State, host: AuthenticatingHost, text: str, effects: list[AnyEffect]) -> None:
    # The host refuses a whole step for one bad id, and a platform may send anything.
    match parsed(text):
        case {"type": "message", "id": str(id), "author_id": str(author_id), "author": str(author), "text": str(said)} if (
            is_id(id) and is_id(author_id)
        ):
            effects.append(Effect.Publish(Message(id, author, said, author_id)))
        case {"type": "removed", "id": str(id)} if is_id(id):
            effects.append(Effect.Retract(id))
        case {"type": "sent", "ref": str(ref)} if ref in now.waiting:
            now.waiting.remove(ref)
            effects.append(Effect.Sent(ref))
        case {"type": "refused", "ref": str(ref), "reason": str(reason)} if ref in now.waiting:
            now.waiting.remove(ref)
            effects.append(Effect.Failed(ref, Problem("refused", reason)))
        case _:
            # Something newer. Never log what people wrote.
            host.log("debug", "the platform said something unknown")


def parsed(text: str) -> Any:
    try:
        return loads(text)
    except PluginError:
        return None


def send(now: State, id: str, text: str, effects: list[AnyEffect]) -> None:
    if not now.is_open:
        effects.append(Effect.Failed(id, Problem("not-connected", "Example Live's chat is not connected.")))
        return
    effects.append(say({"ref": id, "text": text, "type": "send"}))
    now.waiting.append(id)


def closed(now: State, effects: list[AnyEffect]) -> None:
    """What was under way may or may not have been written."""
    message = "The connection closed before Example Live said whether it took the message."
    effects.extend(Effect.Failed(id, Problem("unconfirmed", message)) for id in now.waiting)
    now.is_open, now.waiting = False, []


plugin = chat(ExampleChat)
