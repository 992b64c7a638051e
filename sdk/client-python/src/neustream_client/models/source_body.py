from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.second_publisher_body import SecondPublisherBody
from ..models.visibility_body import VisibilityBody
from ..types import UNSET, Unset

T = TypeVar("T", bound="SourceBody")


@_attrs_define
class SourceBody:
    """A source."""

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
    stream_key: None | str | Unset = UNSET
    """ The stream key, shown when it is made or rotated and never again. """
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

        stream_key: None | str | Unset
        if isinstance(self.stream_key, Unset):
            stream_key = UNSET
        else:
            stream_key = self.stream_key

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
            }
        )
        if stream_key is not UNSET:
            field_dict["stream_key"] = stream_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
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

        def _parse_stream_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stream_key = _parse_stream_key(d.pop("stream_key", UNSET))

        source_body = cls(
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
            stream_key=stream_key,
        )

        source_body.additional_properties = d
        return source_body

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
