from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.destination_sample_body import DestinationSampleBody


T = TypeVar("T", bound="HealthSampleBody")


@_attrs_define
class HealthSampleBody:
    """A running source at one moment."""

    at: datetime.datetime
    """ When (RFC 3339). """
    bitrate_in_bps: int
    """ Bits per second that arrived. """
    destinations: list[DestinationSampleBody]
    """ Its destinations, those that were switched on. """
    viewers: int
    """ How many watched here. """
    frame_rate: float | None | Unset = UNSET
    """ Pictures per second that arrived; null without pictures. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        bitrate_in_bps = self.bitrate_in_bps

        destinations = []
        for destinations_item_data in self.destinations:
            destinations_item = destinations_item_data.to_dict()
            destinations.append(destinations_item)

        viewers = self.viewers

        frame_rate: float | None | Unset
        if isinstance(self.frame_rate, Unset):
            frame_rate = UNSET
        else:
            frame_rate = self.frame_rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "bitrate_in_bps": bitrate_in_bps,
                "destinations": destinations,
                "viewers": viewers,
            }
        )
        if frame_rate is not UNSET:
            field_dict["frame_rate"] = frame_rate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.destination_sample_body import DestinationSampleBody  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        bitrate_in_bps = d.pop("bitrate_in_bps")

        destinations = []
        _destinations = d.pop("destinations")
        for destinations_item_data in _destinations:
            destinations_item = DestinationSampleBody.from_dict(destinations_item_data)

            destinations.append(destinations_item)

        viewers = d.pop("viewers")

        def _parse_frame_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        frame_rate = _parse_frame_rate(d.pop("frame_rate", UNSET))

        health_sample_body = cls(
            at=at,
            bitrate_in_bps=bitrate_in_bps,
            destinations=destinations,
            viewers=viewers,
            frame_rate=frame_rate,
        )

        health_sample_body.additional_properties = d
        return health_sample_body

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
