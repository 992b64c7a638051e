from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PlanUsageBody")


@_attrs_define
class PlanUsageBody:
    """What the organisation uses of its plan."""

    chat_connectors_used: int
    """ Installations of chat connectors. """
    destinations_used: int
    """ Destinations, of all sources, switched-off ones included. """
    sources_used: int
    """ Sources, of all apps. """
    streaming_hours_reset_at: datetime.datetime
    """ When the hours count from nothing again (RFC 3339). """
    streaming_hours_used: float
    """ Hours that were streamed in this month (UTC), to within some seconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        chat_connectors_used = self.chat_connectors_used

        destinations_used = self.destinations_used

        sources_used = self.sources_used

        streaming_hours_reset_at = self.streaming_hours_reset_at.isoformat()

        streaming_hours_used = self.streaming_hours_used

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "chat_connectors_used": chat_connectors_used,
                "destinations_used": destinations_used,
                "sources_used": sources_used,
                "streaming_hours_reset_at": streaming_hours_reset_at,
                "streaming_hours_used": streaming_hours_used,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        chat_connectors_used = d.pop("chat_connectors_used")

        destinations_used = d.pop("destinations_used")

        sources_used = d.pop("sources_used")

        streaming_hours_reset_at = datetime.datetime.fromisoformat(
            d.pop("streaming_hours_reset_at")
        )

        streaming_hours_used = d.pop("streaming_hours_used")

        plan_usage_body = cls(
            chat_connectors_used=chat_connectors_used,
            destinations_used=destinations_used,
            sources_used=sources_used,
            streaming_hours_reset_at=streaming_hours_reset_at,
            streaming_hours_used=streaming_hours_used,
        )

        plan_usage_body.additional_properties = d
        return plan_usage_body

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
