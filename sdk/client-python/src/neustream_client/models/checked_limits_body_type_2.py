from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CheckedLimitsBodyType2")


@_attrs_define
class CheckedLimitsBodyType2:
    """Of chat connectors."""

    current_chat_connectors: int
    """ How many there are. """
    chat_connectors_remaining: int | None | Unset = UNSET
    """ How many more there may be. """
    max_chat_connectors: int | None | Unset = UNSET
    """ How many there may be. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        current_chat_connectors = self.current_chat_connectors

        chat_connectors_remaining: int | None | Unset
        if isinstance(self.chat_connectors_remaining, Unset):
            chat_connectors_remaining = UNSET
        else:
            chat_connectors_remaining = self.chat_connectors_remaining

        max_chat_connectors: int | None | Unset
        if isinstance(self.max_chat_connectors, Unset):
            max_chat_connectors = UNSET
        else:
            max_chat_connectors = self.max_chat_connectors

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "current_chat_connectors": current_chat_connectors,
            }
        )
        if chat_connectors_remaining is not UNSET:
            field_dict["chat_connectors_remaining"] = chat_connectors_remaining
        if max_chat_connectors is not UNSET:
            field_dict["max_chat_connectors"] = max_chat_connectors

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        current_chat_connectors = d.pop("current_chat_connectors")

        def _parse_chat_connectors_remaining(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        chat_connectors_remaining = _parse_chat_connectors_remaining(
            d.pop("chat_connectors_remaining", UNSET)
        )

        def _parse_max_chat_connectors(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_chat_connectors = _parse_max_chat_connectors(
            d.pop("max_chat_connectors", UNSET)
        )

        checked_limits_body_type_2 = cls(
            current_chat_connectors=current_chat_connectors,
            chat_connectors_remaining=chat_connectors_remaining,
            max_chat_connectors=max_chat_connectors,
        )

        checked_limits_body_type_2.additional_properties = d
        return checked_limits_body_type_2

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
