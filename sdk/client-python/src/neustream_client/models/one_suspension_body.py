from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.suspension_body import SuspensionBody


T = TypeVar("T", bound="OneSuspensionBody")


@_attrs_define
class OneSuspensionBody:
    """Whether somebody is kept out."""

    user: SuspensionBody
    """ Whether somebody is kept out. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user = self.user.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user": user,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.suspension_body import SuspensionBody  # noqa: PLC0415

        d = dict(src_dict)
        user = SuspensionBody.from_dict(d.pop("user"))

        one_suspension_body = cls(
            user=user,
        )

        one_suspension_body.additional_properties = d
        return one_suspension_body

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
