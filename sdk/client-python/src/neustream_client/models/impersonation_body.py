from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ImpersonationBody")


@_attrs_define
class ImpersonationBody:
    """A token with which an administrator acts as somebody."""

    expires_at: datetime.datetime
    """ When it ends (RFC 3339). """
    id: UUID
    """ The sign-in: ends with `DELETE /api/admin/impersonations/{id}`. """
    organisation_id: UUID
    """ In which organisation, and in no other. """
    token: str
    """ An access token; there is no refresh token. """
    user_id: UUID
    """ As whom. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        organisation_id = str(self.organisation_id)

        token = self.token

        user_id = str(self.user_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_at": expires_at,
                "id": id,
                "organisation_id": organisation_id,
                "token": token,
                "user_id": user_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        organisation_id = UUID(d.pop("organisation_id"))

        token = d.pop("token")

        user_id = UUID(d.pop("user_id"))

        impersonation_body = cls(
            expires_at=expires_at,
            id=id,
            organisation_id=organisation_id,
            token=token,
            user_id=user_id,
        )

        impersonation_body.additional_properties = d
        return impersonation_body

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
