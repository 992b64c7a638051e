from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.ceilings_body import CeilingsBody


T = TypeVar("T", bound="PlanCeilingsBody")


@_attrs_define
class PlanCeilingsBody:
    """A plan's ceilings."""

    ceilings: CeilingsBody
    """ Factors of the ceilings of a plan's tenants. What is left out has its default. """
    plan: str
    """ The plan. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ceilings = self.ceilings.to_dict()

        plan = self.plan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ceilings": ceilings,
                "plan": plan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ceilings_body import CeilingsBody  # noqa: PLC0415

        d = dict(src_dict)
        ceilings = CeilingsBody.from_dict(d.pop("ceilings"))

        plan = d.pop("plan")

        plan_ceilings_body = cls(
            ceilings=ceilings,
            plan=plan,
        )

        plan_ceilings_body.additional_properties = d
        return plan_ceilings_body

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
