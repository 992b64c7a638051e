from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LimitsBody")


@_attrs_define
class LimitsBody:
    """What the organisation may still make; null where there is no limit."""

    destinations_remaining: int | None | Unset = UNSET
    """ Destinations, of all sources together. """
    sources_remaining: int | None | Unset = UNSET
    """ Sources. """
    streaming_hours_remaining: float | None | Unset = UNSET
    """ Hours that may still be streamed in this month (UTC). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        destinations_remaining: int | None | Unset
        if isinstance(self.destinations_remaining, Unset):
            destinations_remaining = UNSET
        else:
            destinations_remaining = self.destinations_remaining

        sources_remaining: int | None | Unset
        if isinstance(self.sources_remaining, Unset):
            sources_remaining = UNSET
        else:
            sources_remaining = self.sources_remaining

        streaming_hours_remaining: float | None | Unset
        if isinstance(self.streaming_hours_remaining, Unset):
            streaming_hours_remaining = UNSET
        else:
            streaming_hours_remaining = self.streaming_hours_remaining

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if destinations_remaining is not UNSET:
            field_dict["destinations_remaining"] = destinations_remaining
        if sources_remaining is not UNSET:
            field_dict["sources_remaining"] = sources_remaining
        if streaming_hours_remaining is not UNSET:
            field_dict["streaming_hours_remaining"] = streaming_hours_remaining

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_destinations_remaining(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        destinations_remaining = _parse_destinations_remaining(
            d.pop("destinations_remaining", UNSET)
        )

        def _parse_sources_remaining(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        sources_remaining = _parse_sources_remaining(d.pop("sources_remaining", UNSET))

        def _parse_streaming_hours_remaining(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        streaming_hours_remaining = _parse_streaming_hours_remaining(
            d.pop("streaming_hours_remaining", UNSET)
        )

        limits_body = cls(
            destinations_remaining=destinations_remaining,
            sources_remaining=sources_remaining,
            streaming_hours_remaining=streaming_hours_remaining,
        )

        limits_body.additional_properties = d
        return limits_body

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
