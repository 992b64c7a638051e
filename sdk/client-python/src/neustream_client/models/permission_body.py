from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PermissionBody")


@_attrs_define
class PermissionBody:
    """One line of the permission sheet."""

    capability: str
    """ The capability's word in the manifest. """
    keys: list[str]
    """ What a grant of this line holds. """
    reason: str
    """ Why, in the author's words; may be empty. """
    summary: str
    """ What is permitted, in a sentence. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        capability = self.capability

        keys = self.keys

        reason = self.reason

        summary = self.summary

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "capability": capability,
                "keys": keys,
                "reason": reason,
                "summary": summary,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        capability = d.pop("capability")

        keys = cast(list[str], d.pop("keys"))

        reason = d.pop("reason")

        summary = d.pop("summary")

        permission_body = cls(
            capability=capability,
            keys=keys,
            reason=reason,
            summary=summary,
        )

        permission_body.additional_properties = d
        return permission_body

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
