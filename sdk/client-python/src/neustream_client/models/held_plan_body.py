from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="HeldPlanBody")


@_attrs_define
class HeldPlanBody:
    """The plan of somebody's home organisation."""

    is_subscribed: bool
    """ Whether it comes from a subscription; otherwise it is the plan that everybody has. """
    plan_name: str
    """ Its name. """
    status: str
    """ `active`, or `past_due` where a payment is late. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_subscribed = self.is_subscribed

        plan_name = self.plan_name

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_subscribed": is_subscribed,
                "plan_name": plan_name,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        is_subscribed = d.pop("is_subscribed")

        plan_name = d.pop("plan_name")

        status = d.pop("status")

        held_plan_body = cls(
            is_subscribed=is_subscribed,
            plan_name=plan_name,
            status=status,
        )

        held_plan_body.additional_properties = d
        return held_plan_body

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
