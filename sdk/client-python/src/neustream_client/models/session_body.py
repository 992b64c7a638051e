from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_body import ReasonBody
    from ..models.track_body import TrackBody


T = TypeVar("T", bound="SessionBody")


@_attrs_define
class SessionBody:
    """What runs of a source."""

    bitrate_in_bps: int
    """ Bits per second that arrive. """
    state: str
    """ `offline`, `starting`, `live` or `reconnecting`. """
    tracks: list[TrackBody]
    """ Tracks known so far. """
    viewers: int
    """ How many watch here: players that read the stream's playlists of late, and players of RTMP. """
    warnings: list[ReasonBody]
    """ Advice for the person who streams. """
    frame_rate: float | None | Unset = UNSET
    """ Pictures per second that arrive; null while there are none. """
    keyframe_interval_ms: int | None | Unset = UNSET
    """ Milliseconds between the last two keyframes. """
    session_id: None | Unset | UUID = UNSET
    """ The session; null while offline. """
    started_at: datetime.datetime | None | Unset = UNSET
    """ When the session began (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bitrate_in_bps = self.bitrate_in_bps

        state = self.state

        tracks = []
        for tracks_item_data in self.tracks:
            tracks_item = tracks_item_data.to_dict()
            tracks.append(tracks_item)

        viewers = self.viewers

        warnings = []
        for warnings_item_data in self.warnings:
            warnings_item = warnings_item_data.to_dict()
            warnings.append(warnings_item)

        frame_rate: float | None | Unset
        if isinstance(self.frame_rate, Unset):
            frame_rate = UNSET
        else:
            frame_rate = self.frame_rate

        keyframe_interval_ms: int | None | Unset
        if isinstance(self.keyframe_interval_ms, Unset):
            keyframe_interval_ms = UNSET
        else:
            keyframe_interval_ms = self.keyframe_interval_ms

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        elif isinstance(self.session_id, UUID):
            session_id = str(self.session_id)
        else:
            session_id = self.session_id

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        elif isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bitrate_in_bps": bitrate_in_bps,
                "state": state,
                "tracks": tracks,
                "viewers": viewers,
                "warnings": warnings,
            }
        )
        if frame_rate is not UNSET:
            field_dict["frame_rate"] = frame_rate
        if keyframe_interval_ms is not UNSET:
            field_dict["keyframe_interval_ms"] = keyframe_interval_ms
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if started_at is not UNSET:
            field_dict["started_at"] = started_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415
        from ..models.track_body import TrackBody  # noqa: PLC0415

        d = dict(src_dict)
        bitrate_in_bps = d.pop("bitrate_in_bps")

        state = d.pop("state")

        tracks = []
        _tracks = d.pop("tracks")
        for tracks_item_data in _tracks:
            tracks_item = TrackBody.from_dict(tracks_item_data)

            tracks.append(tracks_item)

        viewers = d.pop("viewers")

        warnings = []
        _warnings = d.pop("warnings")
        for warnings_item_data in _warnings:
            warnings_item = ReasonBody.from_dict(warnings_item_data)

            warnings.append(warnings_item)

        def _parse_frame_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        frame_rate = _parse_frame_rate(d.pop("frame_rate", UNSET))

        def _parse_keyframe_interval_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        keyframe_interval_ms = _parse_keyframe_interval_ms(
            d.pop("keyframe_interval_ms", UNSET)
        )

        def _parse_session_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                session_id_type_0 = UUID(data)

                return session_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        def _parse_started_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        session_body = cls(
            bitrate_in_bps=bitrate_in_bps,
            state=state,
            tracks=tracks,
            viewers=viewers,
            warnings=warnings,
            frame_rate=frame_rate,
            keyframe_interval_ms=keyframe_interval_ms,
            session_id=session_id,
            started_at=started_at,
        )

        session_body.additional_properties = d
        return session_body

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
