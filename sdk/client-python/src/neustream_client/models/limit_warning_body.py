from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LimitWarningBody")


@_attrs_define
class LimitWarningBody:
    """A limit that was used to 80 % or more."""

    at: datetime.datetime
    """ When it was last used so far (RFC 3339). """
    limit: str
    """ Its name. """
    max_: int
    """ The limit. """
    used: int
    """ The most that was used, in the limit's unit. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        limit = self.limit

        max_ = self.max_

        used = self.used

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "limit": limit,
                "max": max_,
                "used": used,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        limit = d.pop("limit")

        max_ = d.pop("max")

        used = d.pop("used")

        limit_warning_body = cls(
            at=at,
            limit=limit,
            max_=max_,
            used=used,
        )

        limit_warning_body.additional_properties = d
        return limit_warning_body

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
