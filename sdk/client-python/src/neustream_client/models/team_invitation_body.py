from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_body import RoleBody

T = TypeVar("T", bound="TeamInvitationBody")


@_attrs_define
class TeamInvitationBody:
    """An invitation."""

    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    email: str
    """ Whom it is for. """
    expires_at: datetime.datetime
    """ Until when its link holds (RFC 3339). """
    id: UUID
    """ Its id. """
    invited_by: UUID
    """ Who made it. """
    role: RoleBody
    """ What a person may do in an organisation; the permission table says what each role has. """
    sent_at: datetime.datetime
    """ When its link was last sent (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        email = self.email

        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        invited_by = str(self.invited_by)

        role = self.role.value

        sent_at = self.sent_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "email": email,
                "expires_at": expires_at,
                "id": id,
                "invited_by": invited_by,
                "role": role,
                "sent_at": sent_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        email = d.pop("email")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        invited_by = UUID(d.pop("invited_by"))

        role = RoleBody(d.pop("role"))

        sent_at = datetime.datetime.fromisoformat(d.pop("sent_at"))

        team_invitation_body = cls(
            created_at=created_at,
            email=email,
            expires_at=expires_at,
            id=id,
            invited_by=invited_by,
            role=role,
            sent_at=sent_at,
        )

        team_invitation_body.additional_properties = d
        return team_invitation_body

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
