from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.sign_in_info_body import SignInInfoBody


T = TypeVar("T", bound="SignInsBody")


@_attrs_define
class SignInsBody:
    """Where somebody is signed in."""

    sign_ins: list[SignInInfoBody]
    """ At most a hundred, the one that was seen last first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sign_ins = []
        for sign_ins_item_data in self.sign_ins:
            sign_ins_item = sign_ins_item_data.to_dict()
            sign_ins.append(sign_ins_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sign_ins": sign_ins,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sign_in_info_body import SignInInfoBody  # noqa: PLC0415

        d = dict(src_dict)
        sign_ins = []
        _sign_ins = d.pop("sign_ins")
        for sign_ins_item_data in _sign_ins:
            sign_ins_item = SignInInfoBody.from_dict(sign_ins_item_data)

            sign_ins.append(sign_ins_item)

        sign_ins_body = cls(
            sign_ins=sign_ins,
        )

        sign_ins_body.additional_properties = d
        return sign_ins_body

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
