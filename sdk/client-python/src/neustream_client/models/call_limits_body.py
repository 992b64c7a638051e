from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CallLimitsBody")


@_attrs_define
class CallLimitsBody:
    """What one call of a plugin may use; a call that wants more is stopped."""

    cpu_ms: int
    """ Computing time. Filters are held to a number of instructions made from it. """
    memory_bytes: int
    """ Memory of an instance. """
    wall_ms: int
    """ Time in all. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cpu_ms = self.cpu_ms

        memory_bytes = self.memory_bytes

        wall_ms = self.wall_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cpu_ms": cpu_ms,
                "memory_bytes": memory_bytes,
                "wall_ms": wall_ms,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cpu_ms = d.pop("cpu_ms")

        memory_bytes = d.pop("memory_bytes")

        wall_ms = d.pop("wall_ms")

        call_limits_body = cls(
            cpu_ms=cpu_ms,
            memory_bytes=memory_bytes,
            wall_ms=wall_ms,
        )

        call_limits_body.additional_properties = d
        return call_limits_body

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
