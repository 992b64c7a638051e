"""A moderation filter, and its words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import json
from .errors import Problem
from .host import Context, PureHost
from .http import WithHeaders
from .values import Field


@dataclass(frozen=True)
class Message:
    """A message to be judged."""

    id: str
    platform: str
    """`twitch`, `youtube`, `room`, ..."""
    author_hash: str
    """The same for all messages of one author, and tells nothing else."""
    roles: list[str]
    """`broadcaster`, `moderator`, `subscriber`, ...: an open vocabulary."""
    text: str
    traits: list[tuple[str, str]]
    """Such as `account-age-days`: an open vocabulary."""


@dataclass
class Lookup(WithHeaders):
    """A question to a service, which the host asks between `plan` and `judge`: a POST when there is a body.

    >>> Lookup.post_json("l", "https://lists.example/v1", {"words": 1}).body
    b'{"words":1}'
    """

    id: str
    url: str
    body: bytes = b""

    @staticmethod
    def get(id: str, url: str) -> Lookup:
        """A GET."""
        return Lookup(id, url)

    @staticmethod
    def post_json(id: str, url: str, value: Any) -> Lookup:
        """A POST with a JSON body."""
        return Lookup(id, url, json.dumps(value), headers=[]).header("content-type", "application/json")


@dataclass(frozen=True)
class Found:
    """The answer to a lookup."""

    id: str
    outcome: bytes | Problem
    """The body of a 200, or why there is none."""


class Action:
    """What becomes of a message: the classes in this one.

    >>> Action.of("timeout", timeout_s=60)
    Action.TimeoutS(seconds=60)
    """

    @dataclass(frozen=True)
    class Allow:
        """It is shown."""

    @dataclass(frozen=True)
    class Replace:
        """It is shown with this text in place of its own."""

        text: str

    @dataclass(frozen=True)
    class Hold:
        """It waits for a moderator."""

    @dataclass(frozen=True)
    class Hide:
        """Only its author and moderators see it."""

    @dataclass(frozen=True)
    class Delete:
        """It is removed."""

    @dataclass(frozen=True)
    class TimeoutS:
        """It is removed and its author may not write for so many seconds."""

        seconds: int

    @staticmethod
    def of(measure: str, timeout_s: int = 600, replaced: str = "***") -> AnyAction:
        """What a setting means: `allow`, `replace`, `hold`, `hide`, `delete` or `timeout`."""
        actions: dict[str, AnyAction] = {
            "allow": Action.Allow(),
            "replace": Action.Replace(replaced),
            "hold": Action.Hold(),
            "hide": Action.Hide(),
            "delete": Action.Delete(),
            "timeout": Action.TimeoutS(timeout_s),
        }
        return actions[measure]


AnyAction = Action.Allow | Action.Replace | Action.Hold | Action.Hide | Action.Delete | Action.TimeoutS
"""Any case of :class:`Action`."""


@dataclass(frozen=True)
class Verdict:
    """A judgement."""

    id: str
    """The message's id."""
    action: AnyAction
    rule: str
    """Which rule decided, kebab-case: what an appeal refers to."""
    reason: str
    """One sentence for the moderator."""

    @staticmethod
    def of(message: Message, action: AnyAction, rule: str, reason: str) -> Verdict:
        """The verdict on a message."""
        return Verdict(message.id, action, rule, reason)

    @staticmethod
    def clean(message: Message) -> Verdict:
        """No rule matches: an explicit verdict, since without any the tenant's default holds."""
        return Verdict(message.id, _ALLOW, "clean", "No rule matches.")

    @staticmethod
    def exempt(message: Message, roles: Sequence[str]) -> Verdict | None:
        """The verdict on a message whose author has one of `roles`."""
        role = next((role for role in message.roles if role in roles), None)
        if role is None:
            return None
        return Verdict(message.id, _ALLOW, "exempt-role", f"The role {role} is exempt.")


_ALLOW = Action.Allow()


class ModerationFilter(ABC):
    """One way to judge messages. Deterministic: the same settings, batch and answers give the same verdicts."""

    def plan(self, host: PureHost, ctx: Context, batch: list[Message]) -> list[Lookup]:
        """What must be known before the batch can be judged; most filters need nothing."""
        return []

    @abstractmethod
    def judge(self, host: PureHost, ctx: Context, batch: list[Message], found: list[Found]) -> list[Verdict]:
        """Judges. A message without a verdict gets the tenant's default."""


def moderation(filter: type[ModerationFilter] | ModerationFilter) -> ModerationFilter:
    """The export line: `plugin = moderation(Filter)`."""
    return filter() if isinstance(filter, type) else filter
