"""A chat connector, and its words: a reducer. Events go in; a new state and effects come out."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import json
from .errors import Problem
from .host import AuthenticatingHost, Context
from .http import Received, Response, WithQuery
from .values import AnyValue, value_of

MAX_STATE_BYTES = 64 * 1024
"""The largest state."""


def is_id(text: str) -> bool:
    """Whether the host takes it for an id: 1 to 256 bytes without control characters.

    >>> is_id("m-1"), is_id("")
    (True, False)
    """
    is_plain = not any(unicodedata.category(character) == "Cc" for character in text)
    return is_plain and 1 <= len(text.encode("utf-8", "replace")) <= 256


@dataclass
class Endpoint(WithQuery):
    """A place to connect to: `wss://`, `tls://`, or `https://` for a poll.

    >>> Endpoint("wss://chat.live.example/v1").bearer("token").headers[0].name
    'authorization'
    """

    url: str
    interval_ms: int = 0
    """For a poll: milliseconds from an answer to the next question, at least 500."""

    def every_ms(self, interval_ms: int) -> Endpoint:
        """With this pause between the questions of a poll."""
        self.interval_ms = interval_ms
        return self


@dataclass
class Request(WithQuery):
    """A request that the host makes for the connector; its answer is an event."""

    id: str
    method: str
    url: str
    body: bytes = b""

    def json(self, value: Any) -> Request:
        """With a JSON body."""
        return self.bytes("application/json", json.dumps(value))

    def bytes(self, content_type: str, body: bytes) -> Request:
        """With this body, at most 64 KiB."""
        self.body = body
        return self.header("content-type", content_type)


class Transport:
    """How a connection carries messages: the classes in this one."""

    @dataclass(frozen=True)
    class Websocket:
        """RFC 6455 over TLS."""

        endpoint: Endpoint

    @dataclass(frozen=True)
    class Line:
        """Lines over TLS, as IRC has them."""

        endpoint: Endpoint

    @dataclass(frozen=True)
    class Poll:
        """A GET again and again."""

        endpoint: Endpoint

    @dataclass(frozen=True)
    class Webhook:
        """Requests of the platform; the text tells the tenant what to do with the URL."""

        advice: str


AnyTransport = Transport.Websocket | Transport.Line | Transport.Poll | Transport.Webhook
"""Any case of :class:`Transport`."""


class Payload:
    """What goes over a connection: the classes in this one."""

    @dataclass(frozen=True)
    class Text:
        """A WebSocket's text message, or one line."""

        text: str

    @dataclass(frozen=True)
    class Binary:
        """A WebSocket's binary message."""

        data: bytes

    @dataclass(frozen=True)
    class Parts:
        """A text that the host assembles, so that it can carry a secret. Only outward."""

        parts: list[AnyValue]


AnyPayload = Payload.Text | Payload.Binary | Payload.Parts
"""Any case of :class:`Payload`."""


@dataclass(frozen=True)
class Connection:
    """A connection that the host keeps open until `Close`. At most 8."""

    id: str
    transport: AnyTransport


@dataclass(frozen=True)
class Message:
    """A message as it was written on the platform.

    >>> Message("m-1", "Ronni", "hi").kind
    'message'
    """

    id: str
    author: str
    text: str
    author_id: str = ""
    """The platform's id of the author; the name where it is left out."""
    kind: str = "message"
    roles: list[str] = field(default_factory=list)
    reply_to: str | None = None
    sent_at: int = 0
    """Milliseconds since the Unix epoch; 0 where the platform does not tell."""
    extra: list[tuple[str, str]] = field(default_factory=list)


class Delivery(Received):
    """What a platform sent to a webhook connection, as it came."""


class Event:
    """What happened: the classes in this one."""

    @dataclass(frozen=True)
    class Opened:
        """A connection is open."""

        connection: str

    @dataclass(frozen=True)
    class Received:
        """A message came over a connection."""

        connection: str
        payload: AnyPayload

    @dataclass(frozen=True)
    class Closed:
        """A connection is gone. The host opens it again, with back-off."""

        connection: str
        problem: Problem

    @dataclass(frozen=True)
    class Answered:
        """A poll (under the connection's id) or a request was answered."""

        id: str
        outcome: Response | Problem

    @dataclass(frozen=True)
    class Delivered:
        """A webhook was delivered: authenticate it before reading it."""

        connection: str
        request: Delivery

    @dataclass(frozen=True)
    class Timer:
        """A `Wake` is due."""

        name: str

    @dataclass(frozen=True)
    class Send:
        """Write this message."""

        id: str
        text: str
        reply_to: str | None = None

    @dataclass(frozen=True)
    class Remove:
        """Remove this message (the platform's id) on the platform."""

        id: str


AnyEvent = (
    Event.Opened
    | Event.Received
    | Event.Closed
    | Event.Answered
    | Event.Delivered
    | Event.Timer
    | Event.Send
    | Event.Remove
)
"""Any case of :class:`Event`."""


class Effect:
    """What the host is to do: the classes in this one.

    >>> Effect.text("chat", "PONG")
    Effect.Transmit(connection='chat', payload=Payload.Text(text='PONG'))
    """

    @dataclass(frozen=True)
    class Publish:
        """A message was written on the platform."""

        message: Message

    @dataclass(frozen=True)
    class Retract:
        """A message (the platform's id) was removed there."""

        id: str

    @dataclass(frozen=True)
    class Transmit:
        """Send this over a connection."""

        connection: str
        payload: AnyPayload

    @dataclass(frozen=True)
    class Ask:
        """Make this request. At most 4 are under way."""

        request: Request

    @dataclass(frozen=True)
    class Sent:
        """The outgoing message with this id was written."""

        id: str

    @dataclass(frozen=True)
    class Failed:
        """The outgoing message was not and will not be written."""

        id: str
        problem: Problem

    @dataclass(frozen=True)
    class Reopen:
        """Close the connection of this id, if there is one, and open this one."""

        connection: Connection

    @dataclass(frozen=True)
    class Close:
        """Close a connection for good."""

        id: str

    @dataclass(frozen=True)
    class Wake:
        """The event `Timer` with this name after so many milliseconds; 0 takes it back. At most 16."""

        name: str
        after_ms: int

    @dataclass(frozen=True)
    class Status:
        """Tell the tenant how the connector is doing: none for well."""

        problem: Problem | None = None

    @staticmethod
    def text(connection: str, text: str) -> Effect.Transmit:
        """Send this text over a connection."""
        return Effect.Transmit(connection, Payload.Text(text))

    @staticmethod
    def parts(connection: str, *parts: str | AnyValue) -> Effect.Transmit:
        """Send a text that holds a secret."""
        return Effect.Transmit(connection, Payload.Parts([value_of(part) for part in parts]))


AnyEffect = (
    Effect.Publish
    | Effect.Retract
    | Effect.Transmit
    | Effect.Ask
    | Effect.Sent
    | Effect.Failed
    | Effect.Reopen
    | Effect.Close
    | Effect.Wake
    | Effect.Status
)
"""Any case of :class:`Effect`."""


@dataclass(frozen=True)
class Step:
    """A new state, at most 64 KiB, and what is to be done, in this order."""

    state: bytes
    effects: Sequence[AnyEffect]


class ChatConnector(ABC):
    """One platform's chat. Holds nothing: an instance may be dropped after every call."""

    @abstractmethod
    def open(self, host: AuthenticatingHost, ctx: Context) -> Step:
        """Begins without a state that this version reads."""

    @abstractmethod
    def handle(self, host: AuthenticatingHost, ctx: Context, state: bytes, events: list[AnyEvent]) -> Step:
        """Moves on. The same events come again until a step with them has committed."""


def chat(connector: type[ChatConnector] | ChatConnector) -> ChatConnector:
    """The export line: `plugin = chat(Connector)`."""
    return connector() if isinstance(connector, type) else connector
