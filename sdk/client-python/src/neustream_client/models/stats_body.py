from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="StatsBody")


@_attrs_define
class StatsBody:
    """Figures of the platform; days are UTC's."""

    active_streams: int
    """ Sessions that run on this node. """
    active_subscriptions: int
    """ Those that hold now. """
    active_users_today: int
    """ People who signed in, or came back with a sign-in, today. """
    monthly_revenue: int
    """ What those are worth a month at list price, in minor units of `monthly_revenue_currency`; a twelfth of a
    yearly
    price. """
    monthly_revenue_currency: str
    """ ISO 4217. """
    streaming_hours_today: float
    """ Hours that were streamed today, up to some seconds ago. """
    total_streams: int
    """ Sources. """
    total_subscriptions: int
    """ Subscriptions, ended ones included. """
    total_users: int
    """ Accounts. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        active_streams = self.active_streams

        active_subscriptions = self.active_subscriptions

        active_users_today = self.active_users_today

        monthly_revenue = self.monthly_revenue

        monthly_revenue_currency = self.monthly_revenue_currency

        streaming_hours_today = self.streaming_hours_today

        total_streams = self.total_streams

        total_subscriptions = self.total_subscriptions

        total_users = self.total_users

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "active_streams": active_streams,
                "active_subscriptions": active_subscriptions,
                "active_users_today": active_users_today,
                "monthly_revenue": monthly_revenue,
                "monthly_revenue_currency": monthly_revenue_currency,
                "streaming_hours_today": streaming_hours_today,
                "total_streams": total_streams,
                "total_subscriptions": total_subscriptions,
                "total_users": total_users,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        active_streams = d.pop("active_streams")

        active_subscriptions = d.pop("active_subscriptions")

        active_users_today = d.pop("active_users_today")

        monthly_revenue = d.pop("monthly_revenue")

        monthly_revenue_currency = d.pop("monthly_revenue_currency")

        streaming_hours_today = d.pop("streaming_hours_today")

        total_streams = d.pop("total_streams")

        total_subscriptions = d.pop("total_subscriptions")

        total_users = d.pop("total_users")

        stats_body = cls(
            active_streams=active_streams,
            active_subscriptions=active_subscriptions,
            active_users_today=active_users_today,
            monthly_revenue=monthly_revenue,
            monthly_revenue_currency=monthly_revenue_currency,
            streaming_hours_today=streaming_hours_today,
            total_streams=total_streams,
            total_subscriptions=total_subscriptions,
            total_users=total_users,
        )

        stats_body.additional_properties = d
        return stats_body

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
