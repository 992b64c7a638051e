from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.pre_flight_check_body import PreFlightCheckBody


T = TypeVar("T", bound="PreFlightBody")


@_attrs_define
class PreFlightBody:
    """Whether a source is ready to go on air."""

    checked_at: datetime.datetime
    """ When it was looked at (RFC 3339). """
    checks: list[PreFlightCheckBody]
    """ What was looked at: the source first, then each destination. """
    is_ready: bool
    """ Whether nothing is a `problem`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        checked_at = self.checked_at.isoformat()

        checks = []
        for checks_item_data in self.checks:
            checks_item = checks_item_data.to_dict()
            checks.append(checks_item)

        is_ready = self.is_ready

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "checked_at": checked_at,
                "checks": checks,
                "is_ready": is_ready,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pre_flight_check_body import PreFlightCheckBody  # noqa: PLC0415

        d = dict(src_dict)
        checked_at = datetime.datetime.fromisoformat(d.pop("checked_at"))

        checks = []
        _checks = d.pop("checks")
        for checks_item_data in _checks:
            checks_item = PreFlightCheckBody.from_dict(checks_item_data)

            checks.append(checks_item)

        is_ready = d.pop("is_ready")

        pre_flight_body = cls(
            checked_at=checked_at,
            checks=checks,
            is_ready=is_ready,
        )

        pre_flight_body.additional_properties = d
        return pre_flight_body

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
