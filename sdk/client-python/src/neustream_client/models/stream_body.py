from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.second_publisher_body import SecondPublisherBody
from ..models.visibility_body import VisibilityBody
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_body import ReasonBody
    from ..models.stream_destination_body import StreamDestinationBody
    from ..models.track_body import TrackBody
    from ..models.usage_body import UsageBody


T = TypeVar("T", bound="StreamBody")


@_attrs_define
class StreamBody:
    """A source, its destinations, and what runs of it."""

    chat_connectors_count: int
    """ How many chat connectors its app has. """
    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    description: str
    """ Its description; may be empty. """
    destinations_count: int
    """ How many destinations it has. """
    id: UUID
    """ Its id. """
    is_active: bool
    """ Whether a session runs. """
    is_encrypted: bool
    """ Whether segments of its HLS stream are encrypted (AES-128). """
    name: str
    """ Its name. """
    playback_id: str
    """ Its public name for viewers. """
    playback_url: str
    """ Where players find the stream. """
    reconnect_window_s: int
    """ Seconds that destinations and viewers are kept when the publisher vanishes. """
    rtmp_url: str
    """ Where encoders publish; the stream key is the stream's name there. """
    second_publisher: SecondPublisherBody
    """ What a second publisher meets on a live key. """
    uuid: UUID
    """ The same as `id`. """
    visibility: VisibilityBody
    """ Who may watch a source. """
    watch_url: str
    """ The page that shows the stream. """
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
    destinations: list[StreamDestinationBody]
    """ Its destinations, switched-off ones included. """
    usage: UsageBody
    """ How long a source streamed. """
    stream_key: None | str | Unset = UNSET
    """ The stream key, shown when it is made or rotated and never again. """
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
        chat_connectors_count = self.chat_connectors_count

        created_at = self.created_at.isoformat()

        description = self.description

        destinations_count = self.destinations_count

        id = str(self.id)

        is_active = self.is_active

        is_encrypted = self.is_encrypted

        name = self.name

        playback_id = self.playback_id

        playback_url = self.playback_url

        reconnect_window_s = self.reconnect_window_s

        rtmp_url = self.rtmp_url

        second_publisher = self.second_publisher.value

        uuid = str(self.uuid)

        visibility = self.visibility.value

        watch_url = self.watch_url

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

        destinations = []
        for destinations_item_data in self.destinations:
            destinations_item = destinations_item_data.to_dict()
            destinations.append(destinations_item)

        usage = self.usage.to_dict()

        stream_key: None | str | Unset
        if isinstance(self.stream_key, Unset):
            stream_key = UNSET
        else:
            stream_key = self.stream_key

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
                "chat_connectors_count": chat_connectors_count,
                "created_at": created_at,
                "description": description,
                "destinations_count": destinations_count,
                "id": id,
                "is_active": is_active,
                "is_encrypted": is_encrypted,
                "name": name,
                "playback_id": playback_id,
                "playback_url": playback_url,
                "reconnect_window_s": reconnect_window_s,
                "rtmp_url": rtmp_url,
                "second_publisher": second_publisher,
                "uuid": uuid,
                "visibility": visibility,
                "watch_url": watch_url,
                "bitrate_in_bps": bitrate_in_bps,
                "state": state,
                "tracks": tracks,
                "viewers": viewers,
                "warnings": warnings,
                "destinations": destinations,
                "usage": usage,
            }
        )
        if stream_key is not UNSET:
            field_dict["stream_key"] = stream_key
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
        from ..models.stream_destination_body import StreamDestinationBody  # noqa: PLC0415
        from ..models.track_body import TrackBody  # noqa: PLC0415
        from ..models.usage_body import UsageBody  # noqa: PLC0415

        d = dict(src_dict)
        chat_connectors_count = d.pop("chat_connectors_count")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        description = d.pop("description")

        destinations_count = d.pop("destinations_count")

        id = UUID(d.pop("id"))

        is_active = d.pop("is_active")

        is_encrypted = d.pop("is_encrypted")

        name = d.pop("name")

        playback_id = d.pop("playback_id")

        playback_url = d.pop("playback_url")

        reconnect_window_s = d.pop("reconnect_window_s")

        rtmp_url = d.pop("rtmp_url")

        second_publisher = SecondPublisherBody(d.pop("second_publisher"))

        uuid = UUID(d.pop("uuid"))

        visibility = VisibilityBody(d.pop("visibility"))

        watch_url = d.pop("watch_url")

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

        destinations = []
        _destinations = d.pop("destinations")
        for destinations_item_data in _destinations:
            destinations_item = StreamDestinationBody.from_dict(destinations_item_data)

            destinations.append(destinations_item)

        usage = UsageBody.from_dict(d.pop("usage"))

        def _parse_stream_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stream_key = _parse_stream_key(d.pop("stream_key", UNSET))

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

        stream_body = cls(
            chat_connectors_count=chat_connectors_count,
            created_at=created_at,
            description=description,
            destinations_count=destinations_count,
            id=id,
            is_active=is_active,
            is_encrypted=is_encrypted,
            name=name,
            playback_id=playback_id,
            playback_url=playback_url,
            reconnect_window_s=reconnect_window_s,
            rtmp_url=rtmp_url,
            second_publisher=second_publisher,
            uuid=uuid,
            visibility=visibility,
            watch_url=watch_url,
            bitrate_in_bps=bitrate_in_bps,
            state=state,
            tracks=tracks,
            viewers=viewers,
            warnings=warnings,
            destinations=destinations,
            usage=usage,
            stream_key=stream_key,
            frame_rate=frame_rate,
            keyframe_interval_ms=keyframe_interval_ms,
            session_id=session_id,
            started_at=started_at,
        )

        stream_body.additional_properties = d
        return stream_body

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
