"""Requests, written as a chain, and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar

from . import json
from .errors import PluginError
from .values import AnyValue, Field, Value, value_of

H = TypeVar("H", bound="WithHeaders")
Q = TypeVar("Q", bound="WithQuery")


@dataclass
class WithHeaders:
    """What has headers."""

    headers: list[Field] = field(default_factory=list, kw_only=True)

    def header(self: H, name: str, value: str | AnyValue) -> H:
        """Adds a header."""
        self.headers.append(Field(name, value_of(value)))
        return self

    def bearer(self: H, secret: str) -> H:
        """Adds `authorization: Bearer`, with the secret of this name."""
        return self.header("authorization", Value.Prefixed("Bearer ", secret))

    def basic(self: H, user: str, secret: str) -> H:
        """Adds `authorization: Basic`, with the secret of this name as the user's password."""
        return self.header("authorization", Value.Basic(user, secret))


@dataclass
class WithQuery(WithHeaders):
    """What has headers and a query."""

    fields: list[Field] = field(default_factory=list, kw_only=True)
    """Appended to the URL's query, percent-encoded by the host."""

    def query(self: Q, name: str, value: str | AnyValue) -> Q:
        """Adds a parameter to the query."""
        self.fields.append(Field(name, value_of(value)))
        return self


@dataclass
class Request(WithQuery):
    """A request to a host of the manifest's `[capabilities.http]`, for :meth:`Host.send`.

    >>> request = Request.post("https://api.example/v1/broadcasts").bearer("account").json({"title": "Hi"})
    >>> request.method, request.body
    ('POST', b'{"title":"Hi"}')
    """

    method: str
    url: str
    body: bytes | list[Field] | None = None
    """None, bytes, or the fields of a form."""
    timeout: int = 0
    """Milliseconds; 0: as long as the call may take."""

    @staticmethod
    def get(url: str) -> Request:
        """A GET request."""
        return Request("GET", url)

    @staticmethod
    def post(url: str) -> Request:
        """A POST request."""
        return Request("POST", url)

    @staticmethod
    def put(url: str) -> Request:
        """A PUT request."""
        return Request("PUT", url)

    @staticmethod
    def patch(url: str) -> Request:
        """A PATCH request."""
        return Request("PATCH", url)

    @staticmethod
    def delete(url: str) -> Request:
        """A DELETE request."""
        return Request("DELETE", url)

    def form(self, name: str, value: str | AnyValue) -> Request:
        """Adds a field to a form body, which the host encodes."""
        fields = self.body if isinstance(self.body, list) else []
        self.body = [*fields, Field(name, value_of(value))]
        return self

    def json(self, value: Any) -> Request:
        """With a JSON body."""
        return self.bytes("application/json", json.dumps(value))

    def bytes(self, content_type: str, body: bytes) -> Request:
        """With this body."""
        self.body = body
        return self.header("content-type", content_type)

    def timeout_ms(self, timeout_ms: int) -> Request:
        """With this time for the answer."""
        self.timeout = timeout_ms
        return self


@dataclass
class Received:
    """What came with headers and a body."""

    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The header of this name, in any case."""
        lower = name.lower()
        return next((value for other, value in self.headers if other.lower() == lower), None)

    def text(self) -> str:
        """The body as text; what is not UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; what is none raises `unavailable`."""
        return json.loads(self.body)


@dataclass(init=False)
class Response(Received):
    """What a server answered, whatever its status.

    >>> Response(404, [], b"").success("Example")
    Traceback (most recent call last):
    neustream_plugin.errors.PluginError: Example answered 404.
    """

    status: int

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        super().__init__(headers, body)
        self.status = status

    @property
    def is_success(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300

    def success(self, platform: str) -> Response:
        """The answer itself, if it is a success; raises :meth:`error_of_status` otherwise."""
        if not self.is_success:
            raise self.error_of_status(platform)
        return self

    def error_of_status(self, platform: str) -> PluginError:
        """What a status that is no success means."""
        answered = f"{platform} answered {self.status}."
        if self.status in (401, 403):
            return PluginError.unauthorized("unauthorized", answered)
        if self.status == 429:
            return PluginError.rate_limited("rate-limited", f"{platform} asks for patience.", self.retry_after_ms())
        if 400 <= self.status < 500 and self.status != 408:
            return PluginError.other("refused", answered)
        return PluginError.unavailable("platform-error", answered, self.retry_after_ms())

    def retry_after_ms(self) -> int | None:
        """`Retry-After` (RFC 9110 10.2.3) in milliseconds: seconds, or a date against the answer's own.

        >>> Response(503, [("retry-after", "30")], b"").retry_after_ms()
        30000
        """
        value = (self.header("retry-after") or "").strip()
        if re.fullmatch("[0-9]+", value):
            return _within(int(value) * 1000)
        then, now = _http_date(value), _http_date(self.header("date") or "")
        return None if then is None or now is None else _within(max(0, then - now))


def _within(ms: int) -> int | None:
    return ms if ms <= 0xFFFF_FFFF else None


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


def _http_date(text: str) -> int | None:
    found = _DATE.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    day, month, *rest = found.groups()
    year, hour, minute, second = map(int, rest)
    try:
        at = datetime(year, _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    return int(at.timestamp()) * 1000
