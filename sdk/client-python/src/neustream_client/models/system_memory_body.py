from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SystemMemoryBody")


@_attrs_define
class SystemMemoryBody:
    """The memory of the host's process."""

    resident_bytes: int | None | Unset = UNSET
    """ What of it is held in RAM; null where the system does not tell. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        resident_bytes: int | None | Unset
        if isinstance(self.resident_bytes, Unset):
            resident_bytes = UNSET
        else:
            resident_bytes = self.resident_bytes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if resident_bytes is not UNSET:
            field_dict["resident_bytes"] = resident_bytes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_resident_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        resident_bytes = _parse_resident_bytes(d.pop("resident_bytes", UNSET))

        system_memory_body = cls(
            resident_bytes=resident_bytes,
        )

        system_memory_body.additional_properties = d
        return system_memory_body

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
