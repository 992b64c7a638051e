from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_body import ReasonBody


T = TypeVar("T", bound="DestinationLiveBody")


@_attrs_define
class DestinationLiveBody:
    """How a destination is doing."""

    bitrate_out_bps: int
    """ Bits per second that it takes. """
    bytes_out: int
    """ Bytes that it took in this session. """
    dropped_frames: int
    """ Audio and video frames that were skipped because it was slow or away. """
    reconnects: int
    """ Connections made after the first. """
    state: str
    """ `idle`, `preparing`, `connecting`, `live`, `retrying` or `failed`. """
    next_attempt: datetime.datetime | None | Unset = UNSET
    """ When the next attempt is made, in state `retrying` (RFC 3339). """
    platform_live: bool | None | Unset = UNSET
    """ Whether the platform itself shows the broadcast, when it was last asked. """
    platform_viewers: int | None | Unset = UNSET
    """ Viewers there, where the platform tells. """
    reason: None | ReasonBody | Unset = UNSET
    since: datetime.datetime | None | Unset = UNSET
    """ When it entered the state (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        bitrate_out_bps = self.bitrate_out_bps

        bytes_out = self.bytes_out

        dropped_frames = self.dropped_frames

        reconnects = self.reconnects

        state = self.state

        next_attempt: None | str | Unset
        if isinstance(self.next_attempt, Unset):
            next_attempt = UNSET
        elif isinstance(self.next_attempt, datetime.datetime):
            next_attempt = self.next_attempt.isoformat()
        else:
            next_attempt = self.next_attempt

        platform_live: bool | None | Unset
        if isinstance(self.platform_live, Unset):
            platform_live = UNSET
        else:
            platform_live = self.platform_live

        platform_viewers: int | None | Unset
        if isinstance(self.platform_viewers, Unset):
            platform_viewers = UNSET
        else:
            platform_viewers = self.platform_viewers

        reason: dict[str, Any] | None | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, ReasonBody):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        since: None | str | Unset
        if isinstance(self.since, Unset):
            since = UNSET
        elif isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bitrate_out_bps": bitrate_out_bps,
                "bytes_out": bytes_out,
                "dropped_frames": dropped_frames,
                "reconnects": reconnects,
                "state": state,
            }
        )
        if next_attempt is not UNSET:
            field_dict["next_attempt"] = next_attempt
        if platform_live is not UNSET:
            field_dict["platform_live"] = platform_live
        if platform_viewers is not UNSET:
            field_dict["platform_viewers"] = platform_viewers
        if reason is not UNSET:
            field_dict["reason"] = reason
        if since is not UNSET:
            field_dict["since"] = since

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        d = dict(src_dict)
        bitrate_out_bps = d.pop("bitrate_out_bps")

        bytes_out = d.pop("bytes_out")

        dropped_frames = d.pop("dropped_frames")

        reconnects = d.pop("reconnects")

        state = d.pop("state")

        def _parse_next_attempt(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_attempt_type_0 = datetime.datetime.fromisoformat(data)

                return next_attempt_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        next_attempt = _parse_next_attempt(d.pop("next_attempt", UNSET))

        def _parse_platform_live(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        platform_live = _parse_platform_live(d.pop("platform_live", UNSET))

        def _parse_platform_viewers(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        platform_viewers = _parse_platform_viewers(d.pop("platform_viewers", UNSET))

        def _parse_reason(data: object) -> None | ReasonBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = ReasonBody.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReasonBody | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_since(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        since = _parse_since(d.pop("since", UNSET))

        destination_live_body = cls(
            bitrate_out_bps=bitrate_out_bps,
            bytes_out=bytes_out,
            dropped_frames=dropped_frames,
            reconnects=reconnects,
            state=state,
            next_attempt=next_attempt,
            platform_live=platform_live,
            platform_viewers=platform_viewers,
            reason=reason,
            since=since,
        )

        destination_live_body.additional_properties = d
        return destination_live_body

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
