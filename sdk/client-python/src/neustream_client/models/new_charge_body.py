from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.money_body import MoneyBody


T = TypeVar("T", bound="NewChargeBody")


@_attrs_define
class NewChargeBody:
    """Something to be paid."""

    amount: MoneyBody
    """ An amount. """
    description: str
    """ What the payer reads. """
    payer_ref: str
    """ An opaque name of the payer. """
    reference: str
    """ Your own name of it: the same reference is the same charge. """
    return_url: str
    """ Where the payer returns to. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount.to_dict()

        description = self.description

        payer_ref = self.payer_ref

        reference = self.reference

        return_url = self.return_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "description": description,
                "payer_ref": payer_ref,
                "reference": reference,
                "return_url": return_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money_body import MoneyBody  # noqa: PLC0415

        d = dict(src_dict)
        amount = MoneyBody.from_dict(d.pop("amount"))

        description = d.pop("description")

        payer_ref = d.pop("payer_ref")

        reference = d.pop("reference")

        return_url = d.pop("return_url")

        new_charge_body = cls(
            amount=amount,
            description=description,
            payer_ref=payer_ref,
            reference=reference,
            return_url=return_url,
        )

        new_charge_body.additional_properties = d
        return new_charge_body

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
