from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.check_status import CheckStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="SystemCheckBody")


@_attrs_define
class SystemCheckBody:
    """One thing that was looked at."""

    code: str
    """ What, as a word for programs. """
    message: str
    """ What was found. """
    status: CheckStatus
    """ How a check ended. """
    advice: None | str | Unset = UNSET
    """ What to do about it; null where all is well. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        message = self.message

        status = self.status.value

        advice: None | str | Unset
        if isinstance(self.advice, Unset):
            advice = UNSET
        else:
            advice = self.advice

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "message": message,
                "status": status,
            }
        )
        if advice is not UNSET:
            field_dict["advice"] = advice

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        message = d.pop("message")

        status = CheckStatus(d.pop("status"))

        def _parse_advice(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        advice = _parse_advice(d.pop("advice", UNSET))

        system_check_body = cls(
            code=code,
            message=message,
            status=status,
            advice=advice,
        )

        system_check_body.additional_properties = d
        return system_check_body

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
