from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="IdentityBody")


@_attrs_define
class IdentityBody:
    """A connected account at a provider."""

    created_at: datetime.datetime
    """ When it was connected (RFC 3339). """
    email: str
    """ The address there; may be empty. """
    label: str
    """ The provider's name for people. """
    last_used_at: datetime.datetime
    """ When somebody last signed in with it (RFC 3339). """
    provider: str
    """ The provider's name. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        email = self.email

        label = self.label

        last_used_at = self.last_used_at.isoformat()

        provider = self.provider

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "email": email,
                "label": label,
                "last_used_at": last_used_at,
                "provider": provider,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        email = d.pop("email")

        label = d.pop("label")

        last_used_at = datetime.datetime.fromisoformat(d.pop("last_used_at"))

        provider = d.pop("provider")

        identity_body = cls(
            created_at=created_at,
            email=email,
            label=label,
            last_used_at=last_used_at,
            provider=provider,
        )

        identity_body.additional_properties = d
        return identity_body

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
