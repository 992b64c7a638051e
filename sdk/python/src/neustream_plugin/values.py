"""Texts in which the host puts a secret: a plugin names it, its bytes never enter the plugin."""

from __future__ import annotations

from dataclasses import dataclass


class Value:
    """One text, whose cases are the classes in this one.

    >>> Value.Prefixed("Bearer ", "account")
    Value.Prefixed(prefix='Bearer ', name='account')
    """

    @dataclass(frozen=True)
    class Plain:
        """The text itself."""

        text: str

    @dataclass(frozen=True)
    class Secret:
        """The secret alone."""

        name: str

    @dataclass(frozen=True)
    class Prefixed:
        """The text followed by the secret, such as `Bearer ` and a token."""

        prefix: str
        name: str

    @dataclass(frozen=True)
    class Basic:
        """HTTP Basic credentials (RFC 7617): a user and the secret as its password."""

        user: str
        name: str


AnyValue = Value.Plain | Value.Secret | Value.Prefixed | Value.Basic
"""Any case of :class:`Value`."""


@dataclass(frozen=True)
class Field:
    """A name with a value that may hold a secret: a header, a query parameter, a form field."""

    name: str
    value: AnyValue


def value_of(value: str | AnyValue) -> AnyValue:
    """A value as it is given: a text is plain."""
    return Value.Plain(value) if isinstance(value, str) else value
