"""JSON in and out."""

from __future__ import annotations

import json as standard
from typing import Any

from .errors import PluginError


def loads(body: bytes | str) -> Any:
    """What a platform answered. What is no JSON raises `unavailable` with the code `malformed`.

    >>> loads(b'{"live": true}')
    {'live': True}
    """
    try:
        return standard.loads(body.decode() if isinstance(body, bytes) else body)
    except ValueError:
        # The error's message may quote what was sent, so it is not passed on.
        raise PluginError.unavailable("malformed", "The answer cannot be read: it is no JSON.") from None


def dumps(value: Any) -> bytes:
    """A value as compact JSON.

    >>> dumps({"title": "First light"})
    b'{"title":"First light"}'
    """
    return standard.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
