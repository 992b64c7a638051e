"""The SDK for Neustream plugins in Python.

A plugin is a class with its kind's functions, and one line::

    from neustream_plugin import Context, PureHost
    from neustream_plugin.moderation import Found, Message, ModerationFilter, Verdict, moderation

    class Allow(ModerationFilter):
        def judge(self, host: PureHost, ctx: Context, batch: list[Message], found: list[Found]) -> list[Verdict]:
            return [Verdict.clean(message) for message in batch]

    plugin = moderation(Allow)

Each kind has a module with its class, its words and its export line: `destination`, `chat`, `moderation`, `payment`.
`testing` has a host for unit tests. Helpers for what every plugin writes: `json`, `query`, `paging`, `hex`.
"""

from . import hex, json, paging, query
from .errors import ErrorKind, PaymentFailure, PluginError, Problem
from .host import AuthenticatingHost, Cached, Context, Entry, Host, Level, PureHost, read_config
from .http import Request, Response
from .values import AnyValue, Field, Value

__all__ = [
    "AnyValue",
    "AuthenticatingHost",
    "Cached",
    "Context",
    "Entry",
    "ErrorKind",
    "Field",
    "Host",
    "Level",
    "PaymentFailure",
    "PluginError",
    "Problem",
    "PureHost",
    "Request",
    "Response",
    "Value",
    "hex",
    "json",
    "paging",
    "query",
    "read_config",
]
