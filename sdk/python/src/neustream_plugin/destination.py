"""A destination adapter, and its words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from .host import Context, Host
from .values import AnyValue, value_of


@dataclass(frozen=True)
class Broadcast:
    """What is about to be broadcast."""

    id: str
    """Stable over every attempt of one session."""
    title: str
    """For the platform; may be empty."""
    visibility: str
    """`public`, `unlisted`, `private`: an open vocabulary."""


@dataclass(frozen=True)
class Limits:
    """What the platform accepts. The host warns the tenant, it does not transcode."""

    video_kbps: int
    audio_kbps: int
    keyframe_ms: int


@dataclass(frozen=True)
class Target:
    """Where the host pushes."""

    protocol: str
    """`rtmp`, `rtmps`, `srt`, `whip`, or something newer; agrees with the scheme of `url`."""
    url: str
    """`rtmp[s]://host[:port]/app[/...]`, without the key."""
    key: AnyValue
    """The stream key, which the host appends as the publishing name."""
    backup_url: str | None = None
    limits: Limits | None = None
    expires_at: int | None = None
    """When URL or key go stale, milliseconds since the Unix epoch."""
    state: bytes = b""
    """The adapter's memory of this broadcast, at most 16 KiB, handed to `check` and `finish`."""

    @staticmethod
    def of(url: str, key: str | AnyValue, state: bytes = b"") -> Target:
        """A target whose protocol is the URL's scheme.

        >>> from neustream_plugin import Value
        >>> Target.of("rtmps://ingest.live.example/live", Value.Secret("stream-key")).protocol
        'rtmps'
        """
        return Target(url.split("://", 1)[0].lower(), url, value_of(key), state=state)


@dataclass(frozen=True)
class Health:
    """How the platform sees the broadcast; none where it does not tell."""

    live: bool | None = None
    viewers: int | None = None


class DestinationAdapter(ABC):
    """One platform's knowledge of where and how to push. Holds nothing: an instance lives for one call.

    One with a method `retitle` can change the title of a running broadcast: see :class:`DestinationMetadata`.
    """

    @abstractmethod
    def prepare(self, host: Host, ctx: Context, broadcast: Broadcast) -> Target:
        """Says where to push. Idempotent per broadcast id."""

    def check(self, host: Host, ctx: Context, state: bytes) -> Health:
        """Asks the platform how it sees the broadcast. Where there is no way to ask, it is unknown."""
        return Health()

    def finish(self, host: Host, ctx: Context, state: bytes) -> None:
        """Ends the broadcast on the platform; one that has ended is a success."""


class DestinationMetadata(DestinationAdapter):
    """A :class:`DestinationAdapter` for a platform that takes a new title while the broadcast runs."""

    @abstractmethod
    def retitle(self, host: Host, ctx: Context, state: bytes, title: str) -> None:
        """Changes the title of the running broadcast."""


def destination(adapter: type[DestinationAdapter] | DestinationAdapter) -> DestinationAdapter:
    """The export line: `plugin = destination(Adapter)`."""
    return adapter() if isinstance(adapter, type) else adapter
