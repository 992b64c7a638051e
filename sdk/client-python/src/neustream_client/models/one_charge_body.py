from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.charge_body import ChargeBody
    from ..models.refund_body import RefundBody


T = TypeVar("T", bound="OneChargeBody")


@_attrs_define
class OneChargeBody:
    """One charge."""

    charge: ChargeBody
    """ A charge. """
    refunds: list[RefundBody]
    """ Its refunds, oldest first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        charge = self.charge.to_dict()

        refunds = []
        for refunds_item_data in self.refunds:
            refunds_item = refunds_item_data.to_dict()
            refunds.append(refunds_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "charge": charge,
                "refunds": refunds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.charge_body import ChargeBody  # noqa: PLC0415
        from ..models.refund_body import RefundBody  # noqa: PLC0415

        d = dict(src_dict)
        charge = ChargeBody.from_dict(d.pop("charge"))

        refunds = []
        _refunds = d.pop("refunds")
        for refunds_item_data in _refunds:
            refunds_item = RefundBody.from_dict(refunds_item_data)

            refunds.append(refunds_item)

        one_charge_body = cls(
            charge=charge,
            refunds=refunds,
        )

        one_charge_body.additional_properties = d
        return one_charge_body

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
