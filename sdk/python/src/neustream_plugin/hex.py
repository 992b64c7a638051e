"""Hexadecimal digits, as most platforms write the signature of a webhook."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(?:[0-9a-fA-F]{2})*\Z")


def decode(digits: str) -> bytes | None:
    """The bytes; none where the text is anything else.

    >>> decode("00ff"), decode("0x")
    (b'\\x00\\xff', None)
    """
    return bytes.fromhex(digits) if _DIGITS.match(digits) else None


def encode(data: bytes) -> str:
    """The digits, in lower case."""
    return data.hex()
