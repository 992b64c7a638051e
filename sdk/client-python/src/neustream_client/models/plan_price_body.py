from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="PlanPriceBody")


@_attrs_define
class PlanPriceBody:
    """What a plan costs in one currency for one billing cycle."""

    amount_minor: int
    """ In the currency's minor unit: 999 are 9.99 US dollars. """
    billing_cycle: str
    """ `monthly` or `yearly`. """
    currency: str
    """ ISO 4217. """

    def to_dict(self) -> dict[str, Any]:
        amount_minor = self.amount_minor

        billing_cycle = self.billing_cycle

        currency = self.currency

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount_minor": amount_minor,
                "billing_cycle": billing_cycle,
                "currency": currency,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount_minor = d.pop("amount_minor")

        billing_cycle = d.pop("billing_cycle")

        currency = d.pop("currency")

        plan_price_body = cls(
            amount_minor=amount_minor,
            billing_cycle=billing_cycle,
            currency=currency,
        )

        return plan_price_body
