from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.former_package_body import FormerPackageBody


T = TypeVar("T", bound="FormerPackagesBody")


@_attrs_define
class FormerPackagesBody:
    """The packages to go back to, the latest first: at most two."""

    former: list[FormerPackageBody]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        former = []
        for former_item_data in self.former:
            former_item = former_item_data.to_dict()
            former.append(former_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "former": former,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.former_package_body import FormerPackageBody  # noqa: PLC0415

        d = dict(src_dict)
        former = []
        _former = d.pop("former")
        for former_item_data in _former:
            former_item = FormerPackageBody.from_dict(former_item_data)

            former.append(former_item)

        former_packages_body = cls(
            former=former,
        )

        former_packages_body.additional_properties = d
        return former_packages_body

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
