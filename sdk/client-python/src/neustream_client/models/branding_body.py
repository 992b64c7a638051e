from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.branding_body_branding_type_0 import BrandingBodyBrandingType0


T = TypeVar("T", bound="BrandingBody")


@_attrs_define
class BrandingBody:
    """How a tenant's pages look."""

    branding: BrandingBodyBrandingType0 | None | Unset = UNSET
    """ `name`, `logo` and `colours`; null for the host's own. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.branding_body_branding_type_0 import BrandingBodyBrandingType0  # noqa: PLC0415

        branding: dict[str, Any] | None | Unset
        if isinstance(self.branding, Unset):
            branding = UNSET
        elif isinstance(self.branding, BrandingBodyBrandingType0):
            branding = self.branding.to_dict()
        else:
            branding = self.branding

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if branding is not UNSET:
            field_dict["branding"] = branding

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.branding_body_branding_type_0 import BrandingBodyBrandingType0  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_branding(data: object) -> BrandingBodyBrandingType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                branding_type_0 = BrandingBodyBrandingType0.from_dict(data)

                return branding_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BrandingBodyBrandingType0 | None | Unset, data)

        branding = _parse_branding(d.pop("branding", UNSET))

        branding_body = cls(
            branding=branding,
        )

        branding_body.additional_properties = d
        return branding_body

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
