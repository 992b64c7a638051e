from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UsageBody")


@_attrs_define
class UsageBody:
    """How long a source streamed."""

    hours_streamed_month: float
    """ Hours since the first of the month (UTC). """
    hours_streamed_today: float
    """ Hours since midnight (UTC). """
    hours_limit: int | None | Unset = UNSET
    """ Hours a month that all sources of the organisation together may stream; null where there is no limit. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hours_streamed_month = self.hours_streamed_month

        hours_streamed_today = self.hours_streamed_today

        hours_limit: int | None | Unset
        if isinstance(self.hours_limit, Unset):
            hours_limit = UNSET
        else:
            hours_limit = self.hours_limit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "hours_streamed_month": hours_streamed_month,
                "hours_streamed_today": hours_streamed_today,
            }
        )
        if hours_limit is not UNSET:
            field_dict["hours_limit"] = hours_limit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        hours_streamed_month = d.pop("hours_streamed_month")

        hours_streamed_today = d.pop("hours_streamed_today")

        def _parse_hours_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        hours_limit = _parse_hours_limit(d.pop("hours_limit", UNSET))

        usage_body = cls(
            hours_streamed_month=hours_streamed_month,
            hours_streamed_today=hours_streamed_today,
            hours_limit=hours_limit,
        )

        usage_body.additional_properties = d
        return usage_body

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
