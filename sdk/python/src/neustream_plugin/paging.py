"""Lists that a platform gives a page at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import PluginError
from .http import Response

T = TypeVar("T")

_LINK = re.compile(r"<([^>]*)>((?:\s*;[^,;]*)*)")
_NEXT = re.compile(r';\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)', re.IGNORECASE)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page: its items, and how to ask for the next; none on the last."""

    items: Sequence[T]
    next: str | None = None


def items(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All items, asking for a page when the one before is used up.

    >>> pages = {None: Page([1, 2], "b"), "b": Page([3])}
    >>> list(items(lambda cursor: pages[cursor]))
    [1, 2, 3]
    """
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        if not found.next:
            return
        if found.next == cursor:
            message = "The platform's list does not end: a page names itself as the next one."
            raise PluginError.unavailable("paging", message)
        cursor = found.next


def next_link(response: Response) -> str | None:
    """The URL of the next page where the answer has it in a `Link` header (RFC 8288).

    >>> next_link(Response(200, [("link", '<https://api.example/v1/b?page=2>; rel="next"')], b""))
    'https://api.example/v1/b?page=2'
    """
    for url, parameters in _LINK.findall(response.header("link") or ""):
        if _NEXT.search(parameters):
            return str(url)
    return None
