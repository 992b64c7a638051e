from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SettingsChangeBody")


@_attrs_define
class SettingsChangeBody:
    """Settings to be changed; what is left out stays as it is."""

    maintenance_mode: bool | None | Unset = UNSET
    """ Whether only administrators are let in. """
    new_registrations_enabled: bool | None | Unset = UNSET
    """ Whether anybody may register an account. """

    def to_dict(self) -> dict[str, Any]:
        maintenance_mode: bool | None | Unset
        if isinstance(self.maintenance_mode, Unset):
            maintenance_mode = UNSET
        else:
            maintenance_mode = self.maintenance_mode

        new_registrations_enabled: bool | None | Unset
        if isinstance(self.new_registrations_enabled, Unset):
            new_registrations_enabled = UNSET
        else:
            new_registrations_enabled = self.new_registrations_enabled

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if maintenance_mode is not UNSET:
            field_dict["maintenance_mode"] = maintenance_mode
        if new_registrations_enabled is not UNSET:
            field_dict["new_registrations_enabled"] = new_registrations_enabled

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_maintenance_mode(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        maintenance_mode = _parse_maintenance_mode(d.pop("maintenance_mode", UNSET))

        def _parse_new_registrations_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        new_registrations_enabled = _parse_new_registrations_enabled(
            d.pop("new_registrations_enabled", UNSET)
        )

        settings_change_body = cls(
            maintenance_mode=maintenance_mode,
            new_registrations_enabled=new_registrations_enabled,
        )

        return settings_change_body
