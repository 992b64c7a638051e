from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LiveStreamBody")


@_attrs_define
class LiveStreamBody:
    """A public stream that runs: what its viewers see anyway."""

    name: str
    """ Its title. """
    playback_id: str
    """ Its public name. """
    playback_url: str
    """ Where players find it. """
    started_at: datetime.datetime
    """ When it began (RFC 3339). """
    state: str
    """ `live`, or `reconnecting` while the encoder is away for a moment. """
    watch_url: str
    """ The page that shows it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        playback_id = self.playback_id

        playback_url = self.playback_url

        started_at = self.started_at.isoformat()

        state = self.state

        watch_url = self.watch_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "playback_id": playback_id,
                "playback_url": playback_url,
                "started_at": started_at,
                "state": state,
                "watch_url": watch_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        playback_id = d.pop("playback_id")

        playback_url = d.pop("playback_url")

        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))

        state = d.pop("state")

        watch_url = d.pop("watch_url")

        live_stream_body = cls(
            name=name,
            playback_id=playback_id,
            playback_url=playback_url,
            started_at=started_at,
            state=state,
            watch_url=watch_url,
        )

        live_stream_body.additional_properties = d
        return live_stream_body

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
