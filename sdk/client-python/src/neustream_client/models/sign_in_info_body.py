from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SignInInfoBody")


@_attrs_define
class SignInInfoBody:
    """One browser or program that is signed in."""

    created_at: datetime.datetime
    """ When it began (RFC 3339). """
    device: str
    """ What the browser or program calls itself. """
    expires_at: datetime.datetime
    """ When it ends unless it is seen again (RFC 3339). """
    id: UUID
    """ The sign-in's id. """
    is_current: bool
    """ Whether it is the one that asks. """
    is_impersonation: bool
    """ Whether it is an administrator in the place of the person. """
    last_seen_at: datetime.datetime
    """ When it was last seen, to a quarter of an hour (RFC 3339). """
    method: str
    """ How: `password`, `link`, or a provider's name. """
    address: None | str | Unset = UNSET
    """ Where it was last seen from. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        device = self.device

        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        is_current = self.is_current

        is_impersonation = self.is_impersonation

        last_seen_at = self.last_seen_at.isoformat()

        method = self.method

        address: None | str | Unset
        if isinstance(self.address, Unset):
            address = UNSET
        else:
            address = self.address

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "device": device,
                "expires_at": expires_at,
                "id": id,
                "is_current": is_current,
                "is_impersonation": is_impersonation,
                "last_seen_at": last_seen_at,
                "method": method,
            }
        )
        if address is not UNSET:
            field_dict["address"] = address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        device = d.pop("device")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        is_current = d.pop("is_current")

        is_impersonation = d.pop("is_impersonation")

        last_seen_at = datetime.datetime.fromisoformat(d.pop("last_seen_at"))

        method = d.pop("method")

        def _parse_address(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        address = _parse_address(d.pop("address", UNSET))

        sign_in_info_body = cls(
            created_at=created_at,
            device=device,
            expires_at=expires_at,
            id=id,
            is_current=is_current,
            is_impersonation=is_impersonation,
            last_seen_at=last_seen_at,
            method=method,
            address=address,
        )

        sign_in_info_body.additional_properties = d
        return sign_in_info_body

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
