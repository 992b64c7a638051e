from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_body import RoleBody
from ..types import UNSET, Unset

T = TypeVar("T", bound="InvitationPreviewBody")


@_attrs_define
class InvitationPreviewBody:
    """What an invitation is about."""

    email: str
    """ Whom it is for. """
    has_account: bool
    """ Whether there is an account with this address: it follows the link with `POST /api/team/join`. """
    organisation: str
    """ The organisation. """
    role: RoleBody
    """ What a person may do in an organisation; the permission table says what each role has. """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ Until when the link holds (RFC 3339); null where that is not told. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        has_account = self.has_account

        organisation = self.organisation

        role = self.role.value

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "email": email,
                "has_account": has_account,
                "organisation": organisation,
                "role": role,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        has_account = d.pop("has_account")

        organisation = d.pop("organisation")

        role = RoleBody(d.pop("role"))

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        invitation_preview_body = cls(
            email=email,
            has_account=has_account,
            organisation=organisation,
            role=role,
            expires_at=expires_at,
        )

        invitation_preview_body.additional_properties = d
        return invitation_preview_body

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
