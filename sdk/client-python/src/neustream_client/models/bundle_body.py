from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.bundle_body_bundle import BundleBodyBundle


T = TypeVar("T", bound="BundleBody")


@_attrs_define
class BundleBody:
    """A bundle that is kept."""

    bundle: BundleBodyBundle
    """ The document. """
    key: str
    """ Whose key signed it. """
    name: str
    """ Its name. """
    updated_at: datetime.datetime
    """ When it was last brought (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bundle = self.bundle.to_dict()

        key = self.key

        name = self.name

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bundle": bundle,
                "key": key,
                "name": name,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.bundle_body_bundle import BundleBodyBundle  # noqa: PLC0415

        d = dict(src_dict)
        bundle = BundleBodyBundle.from_dict(d.pop("bundle"))

        key = d.pop("key")

        name = d.pop("name")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        bundle_body = cls(
            bundle=bundle,
            key=key,
            name=name,
            updated_at=updated_at,
        )

        bundle_body.additional_properties = d
        return bundle_body

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
