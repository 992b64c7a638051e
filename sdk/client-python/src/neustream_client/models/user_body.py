from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="UserBody")


@_attrs_define
class UserBody:
    """A user."""

    display_name: str
    """ The name that people see. """
    email: str
    """ E-mail address. """
    email_verified: bool
    """ Whether somebody proved to read the mail of the address. """
    id: UUID
    """ The user's id. """
    organisation_id: UUID
    """ The home organisation: a request that names no other one acts for it. """
    role: str
    """ `admin` runs the platform, `member` acts for the own tenant. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        display_name = self.display_name

        email = self.email

        email_verified = self.email_verified

        id = str(self.id)

        organisation_id = str(self.organisation_id)

        role = self.role

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "display_name": display_name,
                "email": email,
                "email_verified": email_verified,
                "id": id,
                "organisation_id": organisation_id,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        display_name = d.pop("display_name")

        email = d.pop("email")

        email_verified = d.pop("email_verified")

        id = UUID(d.pop("id"))

        organisation_id = UUID(d.pop("organisation_id"))

        role = d.pop("role")

        user_body = cls(
            display_name=display_name,
            email=email,
            email_verified=email_verified,
            id=id,
            organisation_id=organisation_id,
            role=role,
        )

        user_body.additional_properties = d
        return user_body

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
