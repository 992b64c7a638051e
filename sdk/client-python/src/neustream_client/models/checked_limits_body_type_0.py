from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CheckedLimitsBodyType0")


@_attrs_define
class CheckedLimitsBodyType0:
    """Of sources."""

    current_sources: int
    """ How many there are. """
    max_sources: int | None | Unset = UNSET
    """ How many there may be. """
    sources_remaining: int | None | Unset = UNSET
    """ How many more there may be. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        current_sources = self.current_sources

        max_sources: int | None | Unset
        if isinstance(self.max_sources, Unset):
            max_sources = UNSET
        else:
            max_sources = self.max_sources

        sources_remaining: int | None | Unset
        if isinstance(self.sources_remaining, Unset):
            sources_remaining = UNSET
        else:
            sources_remaining = self.sources_remaining

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "current_sources": current_sources,
            }
        )
        if max_sources is not UNSET:
            field_dict["max_sources"] = max_sources
        if sources_remaining is not UNSET:
            field_dict["sources_remaining"] = sources_remaining

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        current_sources = d.pop("current_sources")

        def _parse_max_sources(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_sources = _parse_max_sources(d.pop("max_sources", UNSET))

        def _parse_sources_remaining(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        sources_remaining = _parse_sources_remaining(d.pop("sources_remaining", UNSET))

        checked_limits_body_type_0 = cls(
            current_sources=current_sources,
            max_sources=max_sources,
            sources_remaining=sources_remaining,
        )

        checked_limits_body_type_0.additional_properties = d
        return checked_limits_body_type_0

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
