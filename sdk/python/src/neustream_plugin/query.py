"""Query strings, as `application/x-www-form-urlencoded` has them."""

from __future__ import annotations

from collections.abc import Iterable

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DIGITS = frozenset("0123456789abcdefABCDEF")


def pairs(text: str) -> list[tuple[str, str]]:
    """The names and values of a URL's query, or of a query alone, decoded.

    >>> pairs("https://shop.example/thanks?id=p_1&note=a+b")
    [('id', 'p_1'), ('note', 'a b')]
    """
    text = text.split("#", 1)[0]
    text = text.split("?", 1)[1] if "?" in text else text
    parts = (pair.partition("=") for pair in text.split("&") if pair)
    return [(_decoded(name), _decoded(value)) for name, _, value in parts]


def get(text: str, name: str) -> str | None:
    """The first value of this name.

    >>> get("id=p_1", "id")
    'p_1'
    """
    return next((value for other, value in pairs(text) if other == name), None)


def encode(fields: Iterable[tuple[str, str]]) -> str:
    """A query of these pairs.

    >>> encode([("q", "a b&c")])
    'q=a%20b%26c'
    """
    return "&".join(f"{escape(name)}={escape(value)}" for name, value in fields)


def escape(text: str) -> str:
    """A text as a path segment or a part of a query can hold it.

    >>> escape("a/b")
    'a%2Fb'
    """
    raw = text.encode("utf-8", "replace")
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)


def _decoded(text: str) -> str:
    first, *rest = text.replace("+", " ").split("%")
    decoded = bytearray(first.encode("utf-8", "replace"))
    for part in rest:
        digits, behind = part[:2], part[2:]
        if len(digits) == 2 and all(digit in _DIGITS for digit in digits):
            decoded.append(int(digits, 16))
            decoded += behind.encode("utf-8", "replace")
        else:
            decoded += b"%" + part.encode("utf-8", "replace")
    return decoded.decode("utf-8", "replace")
