from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.owner_body import OwnerBody


T = TypeVar("T", bound="ListedSubscriptionBody")


@_attrs_define
class ListedSubscriptionBody:
    """An organisation's subscription."""

    billing_cycle: str
    """ `monthly` or `yearly`. """
    id: UUID
    """ The subscription's id. """
    organisation: OwnerBody
    """ Whose something is. """
    plan: str
    """ The plan's word. """
    plan_name: str
    """ The plan's name. """
    started_at: datetime.datetime
    """ When it began (RFC 3339). """
    status: str
    """ `active`, `past_due` where a payment is late, `cancelled` once it is to end, `ended`. """
    ends_at: datetime.datetime | None | Unset = UNSET
    """ When it ends, or ended (RFC 3339); null while it goes on. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        billing_cycle = self.billing_cycle

        id = str(self.id)

        organisation = self.organisation.to_dict()

        plan = self.plan

        plan_name = self.plan_name

        started_at = self.started_at.isoformat()

        status = self.status

        ends_at: None | str | Unset
        if isinstance(self.ends_at, Unset):
            ends_at = UNSET
        elif isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "billing_cycle": billing_cycle,
                "id": id,
                "organisation": organisation,
                "plan": plan,
                "plan_name": plan_name,
                "started_at": started_at,
                "status": status,
            }
        )
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.owner_body import OwnerBody  # noqa: PLC0415

        d = dict(src_dict)
        billing_cycle = d.pop("billing_cycle")

        id = UUID(d.pop("id"))

        organisation = OwnerBody.from_dict(d.pop("organisation"))

        plan = d.pop("plan")

        plan_name = d.pop("plan_name")

        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))

        status = d.pop("status")

        def _parse_ends_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ends_at = _parse_ends_at(d.pop("ends_at", UNSET))

        listed_subscription_body = cls(
            billing_cycle=billing_cycle,
            id=id,
            organisation=organisation,
            plan=plan,
            plan_name=plan_name,
            started_at=started_at,
            status=status,
            ends_at=ends_at,
        )

        listed_subscription_body.additional_properties = d
        return listed_subscription_body

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
