from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CheckedLimitsBodyType3")


@_attrs_define
class CheckedLimitsBodyType3:
    """Of streaming time."""

    current_streaming_hours: float
    """ Hours that were streamed in this month (UTC). """
    max_streaming_hours_monthly: int | None | Unset = UNSET
    """ Hours a month. """
    streaming_hours_remaining: float | None | Unset = UNSET
    """ Hours that are left in this month. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        current_streaming_hours = self.current_streaming_hours

        max_streaming_hours_monthly: int | None | Unset
        if isinstance(self.max_streaming_hours_monthly, Unset):
            max_streaming_hours_monthly = UNSET
        else:
            max_streaming_hours_monthly = self.max_streaming_hours_monthly

        streaming_hours_remaining: float | None | Unset
        if isinstance(self.streaming_hours_remaining, Unset):
            streaming_hours_remaining = UNSET
        else:
            streaming_hours_remaining = self.streaming_hours_remaining

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "current_streaming_hours": current_streaming_hours,
            }
        )
        if max_streaming_hours_monthly is not UNSET:
            field_dict["max_streaming_hours_monthly"] = max_streaming_hours_monthly
        if streaming_hours_remaining is not UNSET:
            field_dict["streaming_hours_remaining"] = streaming_hours_remaining

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        current_streaming_hours = d.pop("current_streaming_hours")

        def _parse_max_streaming_hours_monthly(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_streaming_hours_monthly = _parse_max_streaming_hours_monthly(
            d.pop("max_streaming_hours_monthly", UNSET)
        )

        def _parse_streaming_hours_remaining(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        streaming_hours_remaining = _parse_streaming_hours_remaining(
            d.pop("streaming_hours_remaining", UNSET)
        )

        checked_limits_body_type_3 = cls(
            current_streaming_hours=current_streaming_hours,
            max_streaming_hours_monthly=max_streaming_hours_monthly,
            streaming_hours_remaining=streaming_hours_remaining,
        )

        checked_limits_body_type_3.additional_properties = d
        return checked_limits_body_type_3

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
