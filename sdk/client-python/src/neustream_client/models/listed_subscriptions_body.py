from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.listed_subscription_body import ListedSubscriptionBody
    from ..models.pagination_body import PaginationBody


T = TypeVar("T", bound="ListedSubscriptionsBody")


@_attrs_define
class ListedSubscriptionsBody:
    """A page of subscriptions, newest first."""

    pagination: PaginationBody
    """ Where a page stands among all of them. """
    subscriptions: list[ListedSubscriptionBody]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pagination = self.pagination.to_dict()

        subscriptions = []
        for subscriptions_item_data in self.subscriptions:
            subscriptions_item = subscriptions_item_data.to_dict()
            subscriptions.append(subscriptions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pagination": pagination,
                "subscriptions": subscriptions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.listed_subscription_body import ListedSubscriptionBody  # noqa: PLC0415
        from ..models.pagination_body import PaginationBody  # noqa: PLC0415

        d = dict(src_dict)
        pagination = PaginationBody.from_dict(d.pop("pagination"))

        subscriptions = []
        _subscriptions = d.pop("subscriptions")
        for subscriptions_item_data in _subscriptions:
            subscriptions_item = ListedSubscriptionBody.from_dict(
                subscriptions_item_data
            )

            subscriptions.append(subscriptions_item)

        listed_subscriptions_body = cls(
            pagination=pagination,
            subscriptions=subscriptions,
        )

        listed_subscriptions_body.additional_properties = d
        return listed_subscriptions_body

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
