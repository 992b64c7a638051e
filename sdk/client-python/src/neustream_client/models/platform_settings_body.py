from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PlatformSettingsBody")


@_attrs_define
class PlatformSettingsBody:
    """The settings that hold."""

    maintenance_mode: bool
    """ Whether only administrators are let in. Running streams go on. """
    new_registrations_enabled: bool
    """ Whether anybody may register an account. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        maintenance_mode = self.maintenance_mode

        new_registrations_enabled = self.new_registrations_enabled

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "maintenance_mode": maintenance_mode,
                "new_registrations_enabled": new_registrations_enabled,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        maintenance_mode = d.pop("maintenance_mode")

        new_registrations_enabled = d.pop("new_registrations_enabled")

        platform_settings_body = cls(
            maintenance_mode=maintenance_mode,
            new_registrations_enabled=new_registrations_enabled,
        )

        platform_settings_body.additional_properties = d
        return platform_settings_body

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
