from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.plan_price_body import PlanPriceBody


T = TypeVar("T", bound="OfferedPlanBody")


@_attrs_define
class OfferedPlanBody:
    """A plan that is offered."""

    description: str
    """ A sentence about it. """
    features: list[str]
    """ Words for what else it gives. """
    id: str
    """ The plan's word. """
    name: str
    """ Its name. """
    prices: list[PlanPriceBody]
    """ Every price, in minor units. """
    max_chat_connectors: int | None | Unset = UNSET
    """ Installations of chat connectors. """
    max_destinations: int | None | Unset = UNSET
    """ Destinations, of all sources together. """
    max_sources: int | None | Unset = UNSET
    """ Sources, of all apps. """
    max_streaming_hours_monthly: int | None | Unset = UNSET
    """ Hours that all sources together may stream in a month (UTC). """
    price_monthly: float | None | Unset = UNSET
    """ US dollars a month; null where it has no such price. """
    price_monthly_inr: float | None | Unset = UNSET
    """ Indian rupees a month. """
    price_yearly: float | None | Unset = UNSET
    """ US dollars a year. """
    price_yearly_inr: float | None | Unset = UNSET
    """ Indian rupees a year. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        description = self.description

        features = self.features

        id = self.id

        name = self.name

        prices = []
        for prices_item_data in self.prices:
            prices_item = prices_item_data.to_dict()
            prices.append(prices_item)

        max_chat_connectors: int | None | Unset
        if isinstance(self.max_chat_connectors, Unset):
            max_chat_connectors = UNSET
        else:
            max_chat_connectors = self.max_chat_connectors

        max_destinations: int | None | Unset
        if isinstance(self.max_destinations, Unset):
            max_destinations = UNSET
        else:
            max_destinations = self.max_destinations

        max_sources: int | None | Unset
        if isinstance(self.max_sources, Unset):
            max_sources = UNSET
        else:
            max_sources = self.max_sources

        max_streaming_hours_monthly: int | None | Unset
        if isinstance(self.max_streaming_hours_monthly, Unset):
            max_streaming_hours_monthly = UNSET
        else:
            max_streaming_hours_monthly = self.max_streaming_hours_monthly

        price_monthly: float | None | Unset
        if isinstance(self.price_monthly, Unset):
            price_monthly = UNSET
        else:
            price_monthly = self.price_monthly

        price_monthly_inr: float | None | Unset
        if isinstance(self.price_monthly_inr, Unset):
            price_monthly_inr = UNSET
        else:
            price_monthly_inr = self.price_monthly_inr

        price_yearly: float | None | Unset
        if isinstance(self.price_yearly, Unset):
            price_yearly = UNSET
        else:
            price_yearly = self.price_yearly

        price_yearly_inr: float | None | Unset
        if isinstance(self.price_yearly_inr, Unset):
            price_yearly_inr = UNSET
        else:
            price_yearly_inr = self.price_yearly_inr

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "description": description,
                "features": features,
                "id": id,
                "name": name,
                "prices": prices,
            }
        )
        if max_chat_connectors is not UNSET:
            field_dict["max_chat_connectors"] = max_chat_connectors
        if max_destinations is not UNSET:
            field_dict["max_destinations"] = max_destinations
        if max_sources is not UNSET:
            field_dict["max_sources"] = max_sources
        if max_streaming_hours_monthly is not UNSET:
            field_dict["max_streaming_hours_monthly"] = max_streaming_hours_monthly
        if price_monthly is not UNSET:
            field_dict["price_monthly"] = price_monthly
        if price_monthly_inr is not UNSET:
            field_dict["price_monthly_inr"] = price_monthly_inr
        if price_yearly is not UNSET:
            field_dict["price_yearly"] = price_yearly
        if price_yearly_inr is not UNSET:
            field_dict["price_yearly_inr"] = price_yearly_inr

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_price_body import PlanPriceBody  # noqa: PLC0415

        d = dict(src_dict)
        description = d.pop("description")

        features = cast(list[str], d.pop("features"))

        id = d.pop("id")

        name = d.pop("name")

        prices = []
        _prices = d.pop("prices")
        for prices_item_data in _prices:
            prices_item = PlanPriceBody.from_dict(prices_item_data)

            prices.append(prices_item)

        def _parse_max_chat_connectors(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_chat_connectors = _parse_max_chat_connectors(
            d.pop("max_chat_connectors", UNSET)
        )

        def _parse_max_destinations(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_destinations = _parse_max_destinations(d.pop("max_destinations", UNSET))

        def _parse_max_sources(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_sources = _parse_max_sources(d.pop("max_sources", UNSET))

        def _parse_max_streaming_hours_monthly(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_streaming_hours_monthly = _parse_max_streaming_hours_monthly(
            d.pop("max_streaming_hours_monthly", UNSET)
        )

        def _parse_price_monthly(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        price_monthly = _parse_price_monthly(d.pop("price_monthly", UNSET))

        def _parse_price_monthly_inr(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        price_monthly_inr = _parse_price_monthly_inr(d.pop("price_monthly_inr", UNSET))

        def _parse_price_yearly(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        price_yearly = _parse_price_yearly(d.pop("price_yearly", UNSET))

        def _parse_price_yearly_inr(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        price_yearly_inr = _parse_price_yearly_inr(d.pop("price_yearly_inr", UNSET))

        offered_plan_body = cls(
            description=description,
            features=features,
            id=id,
            name=name,
            prices=prices,
            max_chat_connectors=max_chat_connectors,
            max_destinations=max_destinations,
            max_sources=max_sources,
            max_streaming_hours_monthly=max_streaming_hours_monthly,
            price_monthly=price_monthly,
            price_monthly_inr=price_monthly_inr,
            price_yearly=price_yearly,
            price_yearly_inr=price_yearly_inr,
        )

        offered_plan_body.additional_properties = d
        return offered_plan_body

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
