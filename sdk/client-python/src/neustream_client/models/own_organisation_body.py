from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_body import RoleBody
from ..types import UNSET, Unset

T = TypeVar("T", bound="OwnOrganisationBody")


@_attrs_define
class OwnOrganisationBody:
    """An organisation that you belong to."""

    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    id: UUID
    """ Its id, for `Neustream-Organisation`. """
    name: str
    """ Its name. """
    is_home: bool
    """ Whether it is acted for by requests that name no organisation. """
    joined_at: datetime.datetime
    """ Since when you belong to it (RFC 3339). """
    role: None | RoleBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        id = str(self.id)

        name = self.name

        is_home = self.is_home

        joined_at = self.joined_at.isoformat()

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        elif isinstance(self.role, RoleBody):
            role = self.role.value
        else:
            role = self.role

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "id": id,
                "name": name,
                "is_home": is_home,
                "joined_at": joined_at,
            }
        )
        if role is not UNSET:
            field_dict["role"] = role

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        name = d.pop("name")

        is_home = d.pop("is_home")

        joined_at = datetime.datetime.fromisoformat(d.pop("joined_at"))

        def _parse_role(data: object) -> None | RoleBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                role_type_0 = RoleBody(data)

                return role_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RoleBody | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        own_organisation_body = cls(
            created_at=created_at,
            id=id,
            name=name,
            is_home=is_home,
            joined_at=joined_at,
            role=role,
        )

        own_organisation_body.additional_properties = d
        return own_organisation_body

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
