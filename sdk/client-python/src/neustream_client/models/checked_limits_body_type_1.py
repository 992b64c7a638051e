from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CheckedLimitsBodyType1")


@_attrs_define
class CheckedLimitsBodyType1:
    """Of destinations."""

    current_destinations: int
    """ How many there are. """
    destinations_remaining: int | None | Unset = UNSET
    """ How many more there may be. """
    max_destinations: int | None | Unset = UNSET
    """ How many there may be. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        current_destinations = self.current_destinations

        destinations_remaining: int | None | Unset
        if isinstance(self.destinations_remaining, Unset):
            destinations_remaining = UNSET
        else:
            destinations_remaining = self.destinations_remaining

        max_destinations: int | None | Unset
        if isinstance(self.max_destinations, Unset):
            max_destinations = UNSET
        else:
            max_destinations = self.max_destinations

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "current_destinations": current_destinations,
            }
        )
        if destinations_remaining is not UNSET:
            field_dict["destinations_remaining"] = destinations_remaining
        if max_destinations is not UNSET:
            field_dict["max_destinations"] = max_destinations

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        current_destinations = d.pop("current_destinations")

        def _parse_destinations_remaining(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        destinations_remaining = _parse_destinations_remaining(
            d.pop("destinations_remaining", UNSET)
        )

        def _parse_max_destinations(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_destinations = _parse_max_destinations(d.pop("max_destinations", UNSET))

        checked_limits_body_type_1 = cls(
            current_destinations=current_destinations,
            destinations_remaining=destinations_remaining,
            max_destinations=max_destinations,
        )

        checked_limits_body_type_1.additional_properties = d
        return checked_limits_body_type_1

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
