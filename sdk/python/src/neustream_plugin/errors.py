"""How a plugin fails on purpose, in the interface's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ErrorKind = Literal["denied", "invalid-config", "unauthorized", "rate-limited", "unavailable", "other"]
"""Which case it is: it decides what the host does next."""


@dataclass(frozen=True)
class Problem:
    """What went wrong, in words for programs and for people.

    >>> Problem("quota", "The platform takes no more today.", retry_after_ms=3_600_000).code
    'quota'
    """

    code: str
    """Kebab-case, from an open vocabulary."""
    message: str
    """One sentence for the tenant. Never a secret in it."""
    retry_after_ms: int | None = None
    """When trying again makes sense, in milliseconds from now."""


class PluginError(Exception):
    """What a function of a plugin raises to answer an error, and what a call of the host raises.

    Any other exception is a fault of the plugin: the author reads it with its file and line, the tenant that the
    plugin failed.

    >>> error = PluginError.unauthorized("token-expired", "Example asks you to sign in again.")
    >>> error.kind, error.code
    ('unauthorized', 'token-expired')
    """

    def __init__(self, kind: ErrorKind, problem: Problem) -> None:
        super().__init__(problem.message)
        self.kind: ErrorKind = kind
        """Which case it is."""
        self.problem = problem
        """Code, message and when to try again."""

    @property
    def code(self) -> str:
        """The problem's code."""
        return self.problem.code

    @staticmethod
    def denied(code: str, message: str) -> PluginError:
        """Not in the manifest, or not granted by the tenant. Not tried again."""
        return PluginError("denied", Problem(code, message))

    @staticmethod
    def invalid_config(pointer: str, code: str, message: str) -> PluginError:
        """The settings are wrong at this JSON pointer (RFC 6901). Not tried again before a change.

        >>> str(PluginError.invalid_config("/channel", "unknown", "there is no such channel"))
        '/channel: there is no such channel'
        """
        return PluginError("invalid-config", Problem(code, f"{pointer}: {message}"))

    @staticmethod
    def unauthorized(code: str, message: str) -> PluginError:
        """The platform refused the credentials. Not tried again before a change."""
        return PluginError("unauthorized", Problem(code, message))

    @staticmethod
    def rate_limited(code: str, message: str, retry_after_ms: int | None = None) -> PluginError:
        """The platform asks for patience."""
        return PluginError("rate-limited", Problem(code, message, retry_after_ms))

    @staticmethod
    def unavailable(code: str, message: str, retry_after_ms: int | None = None) -> PluginError:
        """The platform could not be reached or answered nonsense."""
        return PluginError("unavailable", Problem(code, message, retry_after_ms))

    @staticmethod
    def other(code: str, message: str) -> PluginError:
        """Anything else."""
        return PluginError("other", Problem(code, message))


class PaymentFailure(Exception):
    """How a call that moves money fails; `start` and `refund` raise it.

    A :class:`PluginError` that leaves them becomes one on the safe side: `denied`, `invalid-config`, `unauthorized` and
    `rate-limited` prove that nothing was done; after anything else the host asks `find`.
    """

    def __init__(self, kind: Literal["not-sent", "unknown"], error: PluginError) -> None:
        super().__init__(str(error))
        self.kind: Literal["not-sent", "unknown"] = kind
        """Whether it is proven that the provider has not acted."""
        self.error = error
        """Why."""

    @staticmethod
    def not_sent(error: PluginError) -> PaymentFailure:
        """Proven: the provider has not acted on it. May be repeated."""
        return PaymentFailure("not-sent", error)

    @staticmethod
    def unknown(error: PluginError) -> PaymentFailure:
        """It may have acted. The host calls `find`, and never repeats blindly."""
        return PaymentFailure("unknown", error)

    @staticmethod
    def of(error: PluginError) -> PaymentFailure:
        """The safe side.

        >>> PaymentFailure.of(PluginError.unavailable("timed-out", "No answer.")).kind
        'unknown'
        """
        is_proven = error.kind in ("denied", "invalid-config", "unauthorized", "rate-limited")
        return PaymentFailure("not-sent" if is_proven else "unknown", error)
