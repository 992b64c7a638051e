from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SubscribedPlanBody")


@_attrs_define
class SubscribedPlanBody:
    """The plan of a subscription."""

    id: str
    """ The plan's word. """
    name: str
    """ Its name. """
    max_chat_connectors: int | None | Unset = UNSET
    """ Installations of chat connectors. """
    max_destinations: int | None | Unset = UNSET
    """ Destinations, of all sources together. """
    max_sources: int | None | Unset = UNSET
    """ Sources, of all apps. """
    max_streaming_hours_monthly: int | None | Unset = UNSET
    """ Hours that all sources together may stream in a month (UTC). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

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

        subscribed_plan_body = cls(
            id=id,
            name=name,
            max_chat_connectors=max_chat_connectors,
            max_destinations=max_destinations,
            max_sources=max_sources,
            max_streaming_hours_monthly=max_streaming_hours_monthly,
        )

        subscribed_plan_body.additional_properties = d
        return subscribed_plan_body

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
