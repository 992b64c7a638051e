from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.plan_price_body import PlanPriceBody


T = TypeVar("T", bound="PlanDetailBody")


@_attrs_define
class PlanDetailBody:
    """A plan, offered or not."""

    name: str
    """ Its name. """
    id: str
    """ The plan's word. """
    is_default: bool
    """ Whether those have it who have no subscription (setting `default_plan`). """
    max_chat_connectors: int | None | Unset = UNSET
    """ Installations of chat connectors. """
    max_destinations: int | None | Unset = UNSET
    """ Destinations, of all sources together. """
    max_sources: int | None | Unset = UNSET
    """ Sources, of all apps. """
    max_streaming_hours_monthly: int | None | Unset = UNSET
    """ Hours that all sources together may stream in a month (UTC). """
    audience: str | Unset = UNSET
    """ `creator` (whoever streams; when left out), `viewer` or `developer`. """
    description: str | Unset = UNSET
    """ A sentence about it. """
    features: list[str] | Unset = UNSET
    """ Words for what else it gives. """
    is_offered: bool | Unset = UNSET
    """ Whether it is shown to everybody. """
    position: int | Unset = UNSET
    """ Its place in the list. """
    prices: list[PlanPriceBody] | Unset = UNSET
    """ What it costs: at most one price a currency and billing cycle. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        id = self.id

        is_default = self.is_default

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

        audience = self.audience

        description = self.description

        features: list[str] | Unset = UNSET
        if not isinstance(self.features, Unset):
            features = self.features

        is_offered = self.is_offered

        position = self.position

        prices: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.prices, Unset):
            prices = []
            for prices_item_data in self.prices:
                prices_item = prices_item_data.to_dict()
                prices.append(prices_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "id": id,
                "is_default": is_default,
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
        if audience is not UNSET:
            field_dict["audience"] = audience
        if description is not UNSET:
            field_dict["description"] = description
        if features is not UNSET:
            field_dict["features"] = features
        if is_offered is not UNSET:
            field_dict["is_offered"] = is_offered
        if position is not UNSET:
            field_dict["position"] = position
        if prices is not UNSET:
            field_dict["prices"] = prices

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_price_body import PlanPriceBody  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        id = d.pop("id")

        is_default = d.pop("is_default")

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

        audience = d.pop("audience", UNSET)

        description = d.pop("description", UNSET)

        features = cast(list[str], d.pop("features", UNSET))

        is_offered = d.pop("is_offered", UNSET)

        position = d.pop("position", UNSET)

        _prices = d.pop("prices", UNSET)
        prices: list[PlanPriceBody] | Unset = UNSET
        if _prices is not UNSET:
            prices = []
            for prices_item_data in _prices:
                prices_item = PlanPriceBody.from_dict(prices_item_data)

                prices.append(prices_item)

        plan_detail_body = cls(
            name=name,
            id=id,
            is_default=is_default,
            max_chat_connectors=max_chat_connectors,
            max_destinations=max_destinations,
            max_sources=max_sources,
            max_streaming_hours_monthly=max_streaming_hours_monthly,
            audience=audience,
            description=description,
            features=features,
            is_offered=is_offered,
            position=position,
            prices=prices,
        )

        plan_detail_body.additional_properties = d
        return plan_detail_body

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
