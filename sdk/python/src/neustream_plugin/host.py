"""What a plugin may ask of its host, and the circumstances of a call."""

from __future__ import annotations

import json as standard
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from .errors import PluginError
from .http import Request, Response

Level = Literal["debug", "info", "warn", "error"]
"""How much a line of the log matters."""


@dataclass(frozen=True)
class Context:
    """The circumstances of one call."""

    tenant: str
    """Whose installation this is: an opaque, stable id."""
    installation: str
    """The installation, an opaque, stable id."""
    call_id: str
    """Unique per call, for logs and idempotency keys."""
    trace_parent: str
    """W3C Trace Context `traceparent`; may be empty."""
    now: int
    """When the call began, milliseconds since the Unix epoch: the only clock that a plugin has."""
    attempt: int
    """Which attempt this is, from 1."""
    deadline_ms: int
    """Time that the call may take, waiting for the host included."""


@dataclass(frozen=True)
class Entry:
    """A value in the installation's memory."""

    value: bytes
    revision: int
    """Grows with every write of this key."""


class PureHost(Protocol):
    """What every plugin may ask: all that a filter has."""

    def config(self) -> str:
        """The settings as JSON text, valid against the plugin's schema. :func:`read_config` parses them."""
        ...

    def log(self, level: Level, message: str, fields: Mapping[str, str] = ...) -> None:
        """Writes a line into the installation's log."""
        ...

    def count(self, metric: str, delta: int = ...) -> None:
        """Adds to a counter that the host exports with the plugin's id; `metric` is kebab-case."""
        ...


class AuthenticatingHost(PureHost, Protocol):
    """What a chat connector may ask, too."""

    def verify_hmac_sha256(self, key: str, data: bytes, tag: bytes) -> bool:
        """Whether `tag` is the HMAC-SHA256 of `data` under the secret `key`, compared in constant time."""
        ...

    def hmac_sha256(self, key: str, data: bytes) -> bytes:
        """The HMAC-SHA256 of `data` under the secret `key`: 32 bytes."""
        ...


class Host(AuthenticatingHost, Protocol):
    """What a destination adapter and a payment provider may ask."""

    def send(self, request: Request) -> Response:
        """Sends a request to a host of the manifest and waits for the answer, whatever its status."""
        ...

    def kv_get(self, key: str) -> Entry | None:
        """The stored value of `key`."""
        ...

    def kv_put(self, key: str, value: bytes, expected: int | None = ..., ttl_s: int | None = ...) -> int | None:
        """Stores `value` if `expected` is still the revision (none: if there is no such key). None: the race is lost."""
        ...

    def kv_delete(self, key: str, expected: int) -> bool:
        """Removes `key` if `expected` is still its revision."""
        ...


def read_config(host: PureHost) -> Any:
    """The settings, parsed. The host has checked them against the schema.

    >>> from neustream_plugin.testing import FakeHost
    >>> read_config(FakeHost({"channel": "ronni"}))["channel"]
    'ronni'
    """
    try:
        return standard.loads(host.config())
    except ValueError:
        # The error's message may quote a setting.
        raise PluginError.invalid_config("", "unreadable", "the configuration cannot be read") from None


T = TypeVar("T")


class Cached(Generic[T]):
    """What was last prepared, and from which text: reading settings costs more than judging.

    >>> words: Cached[int] = Cached()
    >>> words.get("[1, 2]", len)
    6
    """

    def __init__(self) -> None:
        self._last: tuple[str, T] | None = None

    def get(self, text: str, prepare: Callable[[str], T]) -> T:
        """What `prepare` makes of `text`, made only when `text` is another than the last time."""
        if self._last is None or self._last[0] != text:
            self._last = (text, prepare(text))
        return self._last[1]
