from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FiguresBody")


@_attrs_define
class FiguresBody:
    """How a plugin does over all tenants."""

    calls_30d: int
    """ Calls of the last 30 days. """
    faults_30d: int
    """ Traps, time-outs and limits of the last 30 days. """
    installs: int
    """ Tenants that have it installed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        calls_30d = self.calls_30d

        faults_30d = self.faults_30d

        installs = self.installs

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "calls_30d": calls_30d,
                "faults_30d": faults_30d,
                "installs": installs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        calls_30d = d.pop("calls_30d")

        faults_30d = d.pop("faults_30d")

        installs = d.pop("installs")

        figures_body = cls(
            calls_30d=calls_30d,
            faults_30d=faults_30d,
            installs=installs,
        )

        figures_body.additional_properties = d
        return figures_body

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
