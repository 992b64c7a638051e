from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money_body import MoneyBody
    from ..models.reason_body import ReasonBody


T = TypeVar("T", bound="RefundBody")


@_attrs_define
class RefundBody:
    """A refund."""

    amount: MoneyBody
    """ An amount. """
    charge: str
    """ The charge that is paid back. """
    created_at: datetime.datetime
    """ When it was begun (RFC 3339). """
    key: str
    """ Its key, which is also the idempotency key toward the provider. """
    reference: str
    """ Your own word for the refund. """
    state: str
    """ As a charge's. """
    updated_at: datetime.datetime
    """ When it last changed (RFC 3339). """
    flag: None | ReasonBody | Unset = UNSET
    reason: None | ReasonBody | Unset = UNSET
    refund_id: None | str | Unset = UNSET
    """ The provider's id of the refund. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        amount = self.amount.to_dict()

        charge = self.charge

        created_at = self.created_at.isoformat()

        key = self.key

        reference = self.reference

        state = self.state

        updated_at = self.updated_at.isoformat()

        flag: dict[str, Any] | None | Unset
        if isinstance(self.flag, Unset):
            flag = UNSET
        elif isinstance(self.flag, ReasonBody):
            flag = self.flag.to_dict()
        else:
            flag = self.flag

        reason: dict[str, Any] | None | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, ReasonBody):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        refund_id: None | str | Unset
        if isinstance(self.refund_id, Unset):
            refund_id = UNSET
        else:
            refund_id = self.refund_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "charge": charge,
                "created_at": created_at,
                "key": key,
                "reference": reference,
                "state": state,
                "updated_at": updated_at,
            }
        )
        if flag is not UNSET:
            field_dict["flag"] = flag
        if reason is not UNSET:
            field_dict["reason"] = reason
        if refund_id is not UNSET:
            field_dict["refund_id"] = refund_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money_body import MoneyBody  # noqa: PLC0415
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        d = dict(src_dict)
        amount = MoneyBody.from_dict(d.pop("amount"))

        charge = d.pop("charge")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        key = d.pop("key")

        reference = d.pop("reference")

        state = d.pop("state")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_flag(data: object) -> None | ReasonBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                flag_type_0 = ReasonBody.from_dict(data)

                return flag_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReasonBody | Unset, data)

        flag = _parse_flag(d.pop("flag", UNSET))

        def _parse_reason(data: object) -> None | ReasonBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = ReasonBody.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReasonBody | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_refund_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        refund_id = _parse_refund_id(d.pop("refund_id", UNSET))

        refund_body = cls(
            amount=amount,
            charge=charge,
            created_at=created_at,
            key=key,
            reference=reference,
            state=state,
            updated_at=updated_at,
            flag=flag,
            reason=reason,
            refund_id=refund_id,
        )

        refund_body.additional_properties = d
        return refund_body

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
