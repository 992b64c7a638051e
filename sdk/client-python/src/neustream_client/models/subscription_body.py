from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.subscribed_plan_body import SubscribedPlanBody


T = TypeVar("T", bound="SubscriptionBody")


@_attrs_define
class SubscriptionBody:
    """What puts the organisation on its plan."""

    billing_cycle: str
    """ `monthly` or `yearly`. """
    cancel_at_period_end: bool
    """ Whether the subscription ends with it. """
    current_period_end: datetime.datetime
    """ When it ends (RFC 3339). """
    current_period_start: datetime.datetime
    """ When the present period began (RFC 3339). """
    plan: SubscribedPlanBody
    """ The plan of a subscription. """
    status: str
    """ `active`, or `past_due` where a payment is late; the plan holds with both. """
    id: None | Unset | UUID = UNSET
    """ The subscription; null on the plan that everybody has who subscribed to none. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        billing_cycle = self.billing_cycle

        cancel_at_period_end = self.cancel_at_period_end

        current_period_end = self.current_period_end.isoformat()

        current_period_start = self.current_period_start.isoformat()

        plan = self.plan.to_dict()

        status = self.status

        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        elif isinstance(self.id, UUID):
            id = str(self.id)
        else:
            id = self.id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "billing_cycle": billing_cycle,
                "cancel_at_period_end": cancel_at_period_end,
                "current_period_end": current_period_end,
                "current_period_start": current_period_start,
                "plan": plan,
                "status": status,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.subscribed_plan_body import SubscribedPlanBody  # noqa: PLC0415

        d = dict(src_dict)
        billing_cycle = d.pop("billing_cycle")

        cancel_at_period_end = d.pop("cancel_at_period_end")

        current_period_end = datetime.datetime.fromisoformat(
            d.pop("current_period_end")
        )

        current_period_start = datetime.datetime.fromisoformat(
            d.pop("current_period_start")
        )

        plan = SubscribedPlanBody.from_dict(d.pop("plan"))

        status = d.pop("status")

        def _parse_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                id_type_0 = UUID(data)

                return id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        id = _parse_id(d.pop("id", UNSET))

        subscription_body = cls(
            billing_cycle=billing_cycle,
            cancel_at_period_end=cancel_at_period_end,
            current_period_end=current_period_end,
            current_period_start=current_period_start,
            plan=plan,
            status=status,
            id=id,
        )

        subscription_body.additional_properties = d
        return subscription_body

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
