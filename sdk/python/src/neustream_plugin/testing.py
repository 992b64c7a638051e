"""A strict stand-in of the host, for a plugin's own unit tests.

It answers exactly the requests that a test announced, in their order, and fails at any other. Absent: the manifest's
rules; `neustream-plugin test` runs the plugin with all of them.

>>> host = FakeHost().expect(Request.get("https://api.example/v1"), answer(200, json={"live": True}))
>>> host.send(Request.get("https://api.example/v1")).json()
{'live': True}
>>> host.done()
"""

from __future__ import annotations

import hashlib
import hmac
import json as standard
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import chat
from .destination import Broadcast
from .errors import PluginError, Problem
from .host import Context, Entry, Level
from .http import Request, Response
from .moderation import Found, Message, ModerationFilter, Verdict
from .payment import Charge, Money, Webhook

NOW_MS = 1_760_000_000_000
"""The moment at which a host's clock begins."""


@dataclass
class _Stored:
    entry: Entry
    expires_ms: int | None


@dataclass
class FakeHost:
    """A host with settings, a clock, a memory, a log, secrets, and a platform that follows a script.

    >>> host = FakeHost({"channel": "ronni"})
    >>> host.kv_put("cursor", b"7")
    1
    >>> host.kv_put("cursor", b"8") is None
    True
    """

    settings: Mapping[str, Any] | str = field(default_factory=dict)
    """An object, or JSON text as it stands."""
    secrets: dict[str, str] = field(default_factory=dict)
    """By the manifest's names. The plugin only ever names them."""
    now_ms: int = NOW_MS
    counted: Counter[str] = field(default_factory=Counter)
    """How far each counter has come."""
    logged: list[tuple[Level, str]] = field(default_factory=list)
    """What has been logged."""
    is_memory_full: bool = False
    _script: list[tuple[Request, Response | PluginError]] = field(default_factory=list)
    _memory: dict[str, _Stored] = field(default_factory=dict)
    _revision: int = 0

    def expect(self, request: Request, outcome: Response | PluginError) -> FakeHost:
        """Announces a request and its outcome."""
        self._script.append((request, outcome))
        return self

    def done(self) -> None:
        """Fails if an announced request was never made."""
        left = ", ".join(f"{request.method} {request.url}" for request, _ in self._script)
        assert not self._script, f"announced and never made: {left}"

    def __enter__(self) -> FakeHost:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.done()

    def context(self) -> Context:
        """The circumstances of a call made now."""
        return Context("tenant-1", "installation-1", "call-1", "", self.now_ms, 1, 10_000)

    def pass_seconds(self, seconds: int) -> None:
        """Lets time pass."""
        self.now_ms += seconds * 1000

    def config(self) -> str:
        return self.settings if isinstance(self.settings, str) else standard.dumps(self.settings)

    def log(self, level: Level, message: str, fields: Mapping[str, str] = {}) -> None:
        for text in [message, *fields.keys(), *fields.values()]:
            assert text.isprintable(), f"a control character in the log: {text!r}"
        self.logged.append((level, message))

    def count(self, metric: str, delta: int = 1) -> None:
        assert re.fullmatch("[a-z0-9-]{1,64}", metric), f"a metric's name is kebab-case, at most 64 bytes: {metric!r}"
        self.counted[metric] += delta
        assert len(self.counted) <= 16, "more than 16 metrics"

    def verify_hmac_sha256(self, key: str, data: bytes, tag: bytes) -> bool:
        return hmac.compare_digest(self.hmac_sha256(key, data), tag)

    def hmac_sha256(self, key: str, data: bytes) -> bytes:
        if key not in self.secrets:
            raise PluginError("invalid-config", Problem("secret-missing", f"the secret `{key}` is not set"))
        return hmac.new(self.secrets[key].encode(), data, hashlib.sha256).digest()

    def send(self, request: Request) -> Response:
        assert self._script, f"a request that the test did not announce (FakeHost.expect): {request}"
        expected, outcome = self._script.pop(0)
        assert request == expected, f"another request than announced:\n  expected {expected}\n  got      {request}"
        if isinstance(outcome, PluginError):
            raise outcome
        return outcome

    def kv_get(self, key: str) -> Entry | None:
        self._check_memory()
        stored = self._memory.get(key)
        return stored.entry if stored else None

    def kv_put(self, key: str, value: bytes, expected: int | None = None, ttl_s: int | None = None) -> int | None:
        self._check_memory()
        assert len(key.encode()) <= 256, "a key has at most 256 bytes"
        assert len(value) <= 64 * 1024, "a value has at most 64 KiB"
        stored = self._memory.get(key)
        if (stored.entry.revision if stored else None) != expected:
            return None
        return self.remember(key, value, ttl_s)

    def kv_delete(self, key: str, expected: int) -> bool:
        self._check_memory()
        stored = self._memory.get(key)
        if stored is None or stored.entry.revision != expected:
            return False
        del self._memory[key]
        return True

    def remember(self, key: str, value: bytes, ttl_s: int | None = None) -> int:
        """Puts `value` into the memory, as an earlier call would have. Answers its revision."""
        self._revision += 1
        expires_ms = None if ttl_s is None else self.now_ms + ttl_s * 1000
        self._memory[key] = _Stored(Entry(value, self._revision), expires_ms)
        return self._revision

    def _check_memory(self) -> None:
        if self.is_memory_full:
            raise PluginError.other("quota", "the memory is full")
        live = self._memory.items()
        self._memory = {key: it for key, it in live if it.expires_ms is None or it.expires_ms > self.now_ms}


def answer(
    status: int, body: str | bytes = b"", *, json: Any = None, headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """A platform's answer.

    >>> answer(404).status
    404
    """
    data = body.encode() if isinstance(body, str) else body
    return Response(status, list(headers), data if json is None else standard.dumps(json).encode())


def unreachable() -> PluginError:
    """A failure to reach the platform."""
    return PluginError.unavailable("timed-out", "the platform did not answer within 3000 ms")


def broadcast() -> Broadcast:
    """A broadcast."""
    return Broadcast("broadcast-1", "First light", "public")


def message(text: str) -> Message:
    """A message to be judged."""
    return Message("m-1", "twitch", "author-1", [], text, [])


def charge() -> Charge:
    """A charge."""
    amount = Money(1250, "EUR")
    return Charge("charge-1", amount, "A month of membership", "payer-1", "https://shop.example/thanks")


def webhook(headers: Iterable[tuple[str, str]], body: str | bytes) -> Webhook:
    """A webhook."""
    return Webhook(list(headers), body.encode() if isinstance(body, str) else body)


def judge(filter: ModerationFilter, host: FakeHost, batch: list[Message], found: list[Found] | None = None) -> list[Verdict]:
    """Has a filter judge, twice: both times must give the same verdicts."""
    ctx = host.context()
    verdicts = filter.judge(host, ctx, batch, found or [])
    assert filter.judge(host, ctx, batch, found or []) == verdicts, "the same messages must give the same verdicts"
    return verdicts


class Driver:
    """A stand-in of what drives a chat connector: it keeps the state, and makes every call twice, since the same
    events come again until a step with them has committed."""

    def __init__(self, connector: chat.ChatConnector, settings: Mapping[str, Any]) -> None:
        self.connector = connector
        self.host = FakeHost(settings)
        self.state = b""
        self.effects: list[chat.AnyEffect] = []
        """What was to be done by the last call."""
        self._commit(lambda: connector.open(self.host, self.host.context()))

    def handle(self, *events: chat.AnyEvent) -> list[chat.AnyEffect]:
        """Hands in events, in one call. Answers what is to be done."""
        state = self.state
        return self._commit(lambda: self.connector.handle(self.host, self.host.context(), state, list(events)))

    def _commit(self, call: Any) -> list[chat.AnyEffect]:
        step: chat.Step = call()
        assert call() == step, "the same events must give the same step"
        assert len(step.state) <= chat.MAX_STATE_BYTES, f"the state has {len(step.state)} bytes"
        self.state, self.effects = step.state, list(step.effects)
        return self.effects


def config_of_examples(schema: str) -> dict[str, Any]:
    """The settings that the first example of every property of a schema makes.

    >>> config_of_examples('{"properties": {"channel": {"examples": ["ronni"]}}}')
    {'channel': 'ronni'}
    """
    return {name: its["examples"][0] for name, its in standard.loads(schema)["properties"].items()}
