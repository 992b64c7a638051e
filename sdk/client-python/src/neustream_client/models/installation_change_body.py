from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="InstallationChangeBody")


@_attrs_define
class InstallationChangeBody:
    """What changes about an installation; what is left out stays."""

    auto_upgrade: bool | None | Unset = UNSET
    """ Whether new versions come by themselves, where they need no consent. """
    grant: list[str] | None | Unset = UNSET
    """ All permission keys that you grant from now on. """
    name: None | str | Unset = UNSET
    """ What you call it. """
    on_failure: None | str | Unset = UNSET
    """ For moderation: what becomes of messages that it does not judge. """
    position: int | None | Unset = UNSET
    """ For moderation: its place among your filters; lower ones judge first. """
    ring: int | None | Unset = UNSET
    """ 1, 10 or 100; null lets the host choose. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        auto_upgrade: bool | None | Unset
        if isinstance(self.auto_upgrade, Unset):
            auto_upgrade = UNSET
        else:
            auto_upgrade = self.auto_upgrade

        grant: list[str] | None | Unset
        if isinstance(self.grant, Unset):
            grant = UNSET
        elif isinstance(self.grant, list):
            grant = self.grant

        else:
            grant = self.grant

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        on_failure: None | str | Unset
        if isinstance(self.on_failure, Unset):
            on_failure = UNSET
        else:
            on_failure = self.on_failure

        position: int | None | Unset
        if isinstance(self.position, Unset):
            position = UNSET
        else:
            position = self.position

        ring: int | None | Unset
        if isinstance(self.ring, Unset):
            ring = UNSET
        else:
            ring = self.ring

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if auto_upgrade is not UNSET:
            field_dict["auto_upgrade"] = auto_upgrade
        if grant is not UNSET:
            field_dict["grant"] = grant
        if name is not UNSET:
            field_dict["name"] = name
        if on_failure is not UNSET:
            field_dict["on_failure"] = on_failure
        if position is not UNSET:
            field_dict["position"] = position
        if ring is not UNSET:
            field_dict["ring"] = ring

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_auto_upgrade(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        auto_upgrade = _parse_auto_upgrade(d.pop("auto_upgrade", UNSET))

        def _parse_grant(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                grant_type_0 = cast(list[str], data)

                return grant_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        grant = _parse_grant(d.pop("grant", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_on_failure(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        on_failure = _parse_on_failure(d.pop("on_failure", UNSET))

        def _parse_position(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        position = _parse_position(d.pop("position", UNSET))

        def _parse_ring(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        ring = _parse_ring(d.pop("ring", UNSET))

        installation_change_body = cls(
            auto_upgrade=auto_upgrade,
            grant=grant,
            name=name,
            on_failure=on_failure,
            position=position,
            ring=ring,
        )

        installation_change_body.additional_properties = d
        return installation_change_body

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
