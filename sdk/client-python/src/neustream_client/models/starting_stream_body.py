from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="StartingStreamBody")


@_attrs_define
class StartingStreamBody:
    """How to stream to a source."""

    preview_url: str
    """ Where the stream can be watched. """
    rtmp_url: str
    """ Where the encoder publishes; the stream key is the stream's name there. """
    status: str
    """ `starting` until an encoder publishes, then `starting`, `live` or `reconnecting`, as the session is. """
    stream_key: None | str | Unset = UNSET
    """ Always null: a stream key is shown when it is made or rotated, and never again. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        preview_url = self.preview_url

        rtmp_url = self.rtmp_url

        status = self.status

        stream_key: None | str | Unset
        if isinstance(self.stream_key, Unset):
            stream_key = UNSET
        else:
            stream_key = self.stream_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "preview_url": preview_url,
                "rtmp_url": rtmp_url,
                "status": status,
            }
        )
        if stream_key is not UNSET:
            field_dict["stream_key"] = stream_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        preview_url = d.pop("preview_url")

        rtmp_url = d.pop("rtmp_url")

        status = d.pop("status")

        def _parse_stream_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stream_key = _parse_stream_key(d.pop("stream_key", UNSET))

        starting_stream_body = cls(
            preview_url=preview_url,
            rtmp_url=rtmp_url,
            status=status,
            stream_key=stream_key,
        )

        starting_stream_body.additional_properties = d
        return starting_stream_body

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
