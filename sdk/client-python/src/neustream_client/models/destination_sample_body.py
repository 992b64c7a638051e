from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DestinationSampleBody")


@_attrs_define
class DestinationSampleBody:
    """A destination at one moment."""

    bitrate_out_bps: int
    """ Bits per second that it took. """
    dropped_frames: int
    """ Audio and video frames that were skipped so far in the session. """
    id: UUID
    """ The destination. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bitrate_out_bps = self.bitrate_out_bps

        dropped_frames = self.dropped_frames

        id = str(self.id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bitrate_out_bps": bitrate_out_bps,
                "dropped_frames": dropped_frames,
                "id": id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        bitrate_out_bps = d.pop("bitrate_out_bps")

        dropped_frames = d.pop("dropped_frames")

        id = UUID(d.pop("id"))

        destination_sample_body = cls(
            bitrate_out_bps=bitrate_out_bps,
            dropped_frames=dropped_frames,
            id=id,
        )

        destination_sample_body.additional_properties = d
        return destination_sample_body

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
