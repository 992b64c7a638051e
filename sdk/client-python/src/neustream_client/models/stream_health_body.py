from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.health_event_body import HealthEventBody
    from ..models.health_sample_body import HealthSampleBody


T = TypeVar("T", bound="StreamHealthBody")


@_attrs_define
class StreamHealthBody:
    """How a source was doing lately."""

    events: list[HealthEventBody]
    """ The last 200 changes at most, the latest last. """
    samples: list[HealthSampleBody]
    """ A sample every 2 seconds of the last 10 minutes that it ran, the oldest first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        samples = []
        for samples_item_data in self.samples:
            samples_item = samples_item_data.to_dict()
            samples.append(samples_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "samples": samples,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.health_event_body import HealthEventBody  # noqa: PLC0415
        from ..models.health_sample_body import HealthSampleBody  # noqa: PLC0415

        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = HealthEventBody.from_dict(events_item_data)

            events.append(events_item)

        samples = []
        _samples = d.pop("samples")
        for samples_item_data in _samples:
            samples_item = HealthSampleBody.from_dict(samples_item_data)

            samples.append(samples_item)

        stream_health_body = cls(
            events=events,
            samples=samples,
        )

        stream_health_body.additional_properties = d
        return stream_health_body

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
