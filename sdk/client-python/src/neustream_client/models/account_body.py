from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.held_plan_body import HeldPlanBody
    from ..models.owner_body import OwnerBody


T = TypeVar("T", bound="AccountBody")


@_attrs_define
class AccountBody:
    """Somebody who has an account."""

    created_at: datetime.datetime
    """ When the account was made (RFC 3339). """
    display_name: str
    """ The name that people see. """
    email: str
    """ E-mail address. """
    email_verified: bool
    """ Whether somebody proved to read the mail of the address. """
    id: UUID
    """ The user's id. """
    organisation: OwnerBody
    """ Whose something is. """
    role: str
    """ `admin` runs the platform, `member` acts for the own organisations. """
    subscription: HeldPlanBody
    """ The plan of somebody's home organisation. """
    suspended_at: datetime.datetime | None | Unset = UNSET
    """ Since when the person is kept out (RFC 3339); null while nothing does. """
    suspension_reason: None | str | Unset = UNSET
    """ Why. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        display_name = self.display_name

        email = self.email

        email_verified = self.email_verified

        id = str(self.id)

        organisation = self.organisation.to_dict()

        role = self.role

        subscription = self.subscription.to_dict()

        suspended_at: None | str | Unset
        if isinstance(self.suspended_at, Unset):
            suspended_at = UNSET
        elif isinstance(self.suspended_at, datetime.datetime):
            suspended_at = self.suspended_at.isoformat()
        else:
            suspended_at = self.suspended_at

        suspension_reason: None | str | Unset
        if isinstance(self.suspension_reason, Unset):
            suspension_reason = UNSET
        else:
            suspension_reason = self.suspension_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "display_name": display_name,
                "email": email,
                "email_verified": email_verified,
                "id": id,
                "organisation": organisation,
                "role": role,
                "subscription": subscription,
            }
        )
        if suspended_at is not UNSET:
            field_dict["suspended_at"] = suspended_at
        if suspension_reason is not UNSET:
            field_dict["suspension_reason"] = suspension_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.held_plan_body import HeldPlanBody  # noqa: PLC0415
        from ..models.owner_body import OwnerBody  # noqa: PLC0415

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        display_name = d.pop("display_name")

        email = d.pop("email")

        email_verified = d.pop("email_verified")

        id = UUID(d.pop("id"))

        organisation = OwnerBody.from_dict(d.pop("organisation"))

        role = d.pop("role")

        subscription = HeldPlanBody.from_dict(d.pop("subscription"))

        def _parse_suspended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                suspended_at_type_0 = datetime.datetime.fromisoformat(data)

                return suspended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        suspended_at = _parse_suspended_at(d.pop("suspended_at", UNSET))

        def _parse_suspension_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        suspension_reason = _parse_suspension_reason(d.pop("suspension_reason", UNSET))

        account_body = cls(
            created_at=created_at,
            display_name=display_name,
            email=email,
            email_verified=email_verified,
            id=id,
            organisation=organisation,
            role=role,
            subscription=subscription,
            suspended_at=suspended_at,
            suspension_reason=suspension_reason,
        )

        account_body.additional_properties = d
        return account_body

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
