from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.activity_day_body import ActivityDayBody
    from ..models.activity_figures_body import ActivityFiguresBody
    from ..models.breaker_body import BreakerBody


T = TypeVar("T", bound="ActivityBody")


@_attrs_define
class ActivityBody:
    """What an installation did."""

    breaker: BreakerBody
    """ Whether calls are let through. """
    days: list[ActivityDayBody]
    """ The days before and today, the latest first. """
    live: ActivityFiguresBody
    """ Figures of some time. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        breaker = self.breaker.to_dict()

        days = []
        for days_item_data in self.days:
            days_item = days_item_data.to_dict()
            days.append(days_item)

        live = self.live.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "breaker": breaker,
                "days": days,
                "live": live,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.activity_day_body import ActivityDayBody  # noqa: PLC0415
        from ..models.activity_figures_body import ActivityFiguresBody  # noqa: PLC0415
        from ..models.breaker_body import BreakerBody  # noqa: PLC0415

        d = dict(src_dict)
        breaker = BreakerBody.from_dict(d.pop("breaker"))

        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = ActivityDayBody.from_dict(days_item_data)

            days.append(days_item)

        live = ActivityFiguresBody.from_dict(d.pop("live"))

        activity_body = cls(
            breaker=breaker,
            days=days,
            live=live,
        )

        activity_body.additional_properties = d
        return activity_body

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
