from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.check_result import CheckResult
from ..models.check_unit import CheckUnit
from ..types import UNSET, Unset

T = TypeVar("T", bound="PreFlightCheckBody")


@_attrs_define
class PreFlightCheckBody:
    """One thing that was looked at."""

    actual: float | None | str
    """ What was measured: a number or a text. """
    code: str
    """ `encoder-connected`, `video-codec`, `resolution`, `video-bitrate`, `keyframe-interval`, `audio-present`,
    `audio-codec`, `audio-bitrate`, `frame-rate`, `streaming-hours`, `destination-enabled`, `plugin-ready`,
    `account-connected` or `key-accepted`. """
    limit: float | None | str
    """ What it may be at most: a number or a text. """
    message: str
    """ What was found, in a sentence. """
    status: CheckResult
    """ What was found. """
    destination_id: None | Unset | UUID = UNSET
    """ The destination whose limit or answer it is; null where it is about the source itself. """
    unit: CheckUnit | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actual: float | None | str
        actual = self.actual

        code = self.code

        limit: float | None | str
        limit = self.limit

        message = self.message

        status = self.status.value

        destination_id: None | str | Unset
        if isinstance(self.destination_id, Unset):
            destination_id = UNSET
        elif isinstance(self.destination_id, UUID):
            destination_id = str(self.destination_id)
        else:
            destination_id = self.destination_id

        unit: None | str | Unset
        if isinstance(self.unit, Unset):
            unit = UNSET
        elif isinstance(self.unit, CheckUnit):
            unit = self.unit.value
        else:
            unit = self.unit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actual": actual,
                "code": code,
                "limit": limit,
                "message": message,
                "status": status,
            }
        )
        if destination_id is not UNSET:
            field_dict["destination_id"] = destination_id
        if unit is not UNSET:
            field_dict["unit"] = unit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_actual(data: object) -> float | None | str:
            if data is None:
                return data
            return cast(float | None | str, data)

        actual = _parse_actual(d.pop("actual"))

        code = d.pop("code")

        def _parse_limit(data: object) -> float | None | str:
            if data is None:
                return data
            return cast(float | None | str, data)

        limit = _parse_limit(d.pop("limit"))

        message = d.pop("message")

        status = CheckResult(d.pop("status"))

        def _parse_destination_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                destination_id_type_0 = UUID(data)

                return destination_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        destination_id = _parse_destination_id(d.pop("destination_id", UNSET))

        def _parse_unit(data: object) -> CheckUnit | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                unit_type_0 = CheckUnit(data)

                return unit_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CheckUnit | None | Unset, data)

        unit = _parse_unit(d.pop("unit", UNSET))

        pre_flight_check_body = cls(
            actual=actual,
            code=code,
            limit=limit,
            message=message,
            status=status,
            destination_id=destination_id,
            unit=unit,
        )

        pre_flight_check_body.additional_properties = d
        return pre_flight_check_body

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
