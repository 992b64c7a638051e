from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.plan_usage_body import PlanUsageBody
    from ..models.subscription_body import SubscriptionBody


T = TypeVar("T", bound="MySubscriptionBody")


@_attrs_define
class MySubscriptionBody:
    """The organisation's subscription and usage."""

    subscription: SubscriptionBody
    """ What puts the organisation on its plan. """
    usage: PlanUsageBody
    """ What the organisation uses of its plan. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        subscription = self.subscription.to_dict()

        usage = self.usage.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "subscription": subscription,
                "usage": usage,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_usage_body import PlanUsageBody  # noqa: PLC0415
        from ..models.subscription_body import SubscriptionBody  # noqa: PLC0415

        d = dict(src_dict)
        subscription = SubscriptionBody.from_dict(d.pop("subscription"))

        usage = PlanUsageBody.from_dict(d.pop("usage"))

        my_subscription_body = cls(
            subscription=subscription,
            usage=usage,
        )

        my_subscription_body.additional_properties = d
        return my_subscription_body

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
