from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.invitation_body import InvitationBody


T = TypeVar("T", bound="NewTenantBody")


@_attrs_define
class NewTenantBody:
    """A tenant that was made."""

    invitation: InvitationBody
    """ How the first user of a new tenant enters. """
    tenant_id: UUID
    """ The tenant. """
    user_id: UUID
    """ Its first user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        invitation = self.invitation.to_dict()

        tenant_id = str(self.tenant_id)

        user_id = str(self.user_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "invitation": invitation,
                "tenant_id": tenant_id,
                "user_id": user_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.invitation_body import InvitationBody  # noqa: PLC0415

        d = dict(src_dict)
        invitation = InvitationBody.from_dict(d.pop("invitation"))

        tenant_id = UUID(d.pop("tenant_id"))

        user_id = UUID(d.pop("user_id"))

        new_tenant_body = cls(
            invitation=invitation,
            tenant_id=tenant_id,
            user_id=user_id,
        )

        new_tenant_body.additional_properties = d
        return new_tenant_body

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
