from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CeilingsBody")


@_attrs_define
class CeilingsBody:
    """Factors of the ceilings of a plan's tenants. What is left out has its default."""

    calls: int | Unset = 4
    """ Calls of a tenant at the same time. """
    cpu_percent: int | Unset = 100
    """ CPU time of a call, in per cent of its kind's. """
    installations: int | Unset = 50
    """ Installations of a tenant. """
    memory_percent: int | Unset = 100
    """ Memory of an instance, in per cent of its kind's. """
    wall_percent: int | Unset = 100
    """ Wall-clock time of a call, in per cent of its kind's. """

    def to_dict(self) -> dict[str, Any]:
        calls = self.calls

        cpu_percent = self.cpu_percent

        installations = self.installations

        memory_percent = self.memory_percent

        wall_percent = self.wall_percent

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if calls is not UNSET:
            field_dict["calls"] = calls
        if cpu_percent is not UNSET:
            field_dict["cpu_percent"] = cpu_percent
        if installations is not UNSET:
            field_dict["installations"] = installations
        if memory_percent is not UNSET:
            field_dict["memory_percent"] = memory_percent
        if wall_percent is not UNSET:
            field_dict["wall_percent"] = wall_percent

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        calls = d.pop("calls", UNSET)

        cpu_percent = d.pop("cpu_percent", UNSET)

        installations = d.pop("installations", UNSET)

        memory_percent = d.pop("memory_percent", UNSET)

        wall_percent = d.pop("wall_percent", UNSET)

        ceilings_body = cls(
            calls=calls,
            cpu_percent=cpu_percent,
            installations=installations,
            memory_percent=memory_percent,
            wall_percent=wall_percent,
        )

        return ceilings_body
