from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money_body import MoneyBody
    from ..models.payer_action_body import PayerActionBody
    from ..models.reason_body import ReasonBody


T = TypeVar("T", bound="ChargeBody")


@_attrs_define
class ChargeBody:
    """A charge."""

    amount: MoneyBody
    """ An amount. """
    created_at: datetime.datetime
    """ When it was begun (RFC 3339). """
    description: str
    """ What the payer reads. """
    installation_id: UUID
    """ The installation whose provider takes it. """
    key: str
    """ Its key, which is also the idempotency key toward the provider. """
    plugin_digest: str
    """ The package that it began and goes on with. """
    reference: str
    """ Your own word for the order. """
    refunded_minor: int
    """ What was paid back, or is being paid back, in minor units. """
    state: str
    """ `prepared`, `calling`, `unknown`, `action-required`, `pending`, `settled` or `declined`. """
    updated_at: datetime.datetime
    """ When it last changed (RFC 3339). """
    action: None | PayerActionBody | Unset = UNSET
    fee: MoneyBody | None | Unset = UNSET
    flag: None | ReasonBody | Unset = UNSET
    payment_id: None | str | Unset = UNSET
    """ The provider's id of the payment. """
    reason: None | ReasonBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.money_body import MoneyBody  # noqa: PLC0415
        from ..models.payer_action_body import PayerActionBody  # noqa: PLC0415
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        amount = self.amount.to_dict()

        created_at = self.created_at.isoformat()

        description = self.description

        installation_id = str(self.installation_id)

        key = self.key

        plugin_digest = self.plugin_digest

        reference = self.reference

        refunded_minor = self.refunded_minor

        state = self.state

        updated_at = self.updated_at.isoformat()

        action: dict[str, Any] | None | Unset
        if isinstance(self.action, Unset):
            action = UNSET
        elif isinstance(self.action, PayerActionBody):
            action = self.action.to_dict()
        else:
            action = self.action

        fee: dict[str, Any] | None | Unset
        if isinstance(self.fee, Unset):
            fee = UNSET
        elif isinstance(self.fee, MoneyBody):
            fee = self.fee.to_dict()
        else:
            fee = self.fee

        flag: dict[str, Any] | None | Unset
        if isinstance(self.flag, Unset):
            flag = UNSET
        elif isinstance(self.flag, ReasonBody):
            flag = self.flag.to_dict()
        else:
            flag = self.flag

        payment_id: None | str | Unset
        if isinstance(self.payment_id, Unset):
            payment_id = UNSET
        else:
            payment_id = self.payment_id

        reason: dict[str, Any] | None | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, ReasonBody):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "created_at": created_at,
                "description": description,
                "installation_id": installation_id,
                "key": key,
                "plugin_digest": plugin_digest,
                "reference": reference,
                "refunded_minor": refunded_minor,
                "state": state,
                "updated_at": updated_at,
            }
        )
        if action is not UNSET:
            field_dict["action"] = action
        if fee is not UNSET:
            field_dict["fee"] = fee
        if flag is not UNSET:
            field_dict["flag"] = flag
        if payment_id is not UNSET:
            field_dict["payment_id"] = payment_id
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money_body import MoneyBody  # noqa: PLC0415
        from ..models.payer_action_body import PayerActionBody  # noqa: PLC0415
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        d = dict(src_dict)
        amount = MoneyBody.from_dict(d.pop("amount"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        description = d.pop("description")

        installation_id = UUID(d.pop("installation_id"))

        key = d.pop("key")

        plugin_digest = d.pop("plugin_digest")

        reference = d.pop("reference")

        refunded_minor = d.pop("refunded_minor")

        state = d.pop("state")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_action(data: object) -> None | PayerActionBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                action_type_0 = PayerActionBody.from_dict(data)

                return action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PayerActionBody | Unset, data)

        action = _parse_action(d.pop("action", UNSET))

        def _parse_fee(data: object) -> MoneyBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                fee_type_0 = MoneyBody.from_dict(data)

                return fee_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MoneyBody | None | Unset, data)

        fee = _parse_fee(d.pop("fee", UNSET))

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

        def _parse_payment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        payment_id = _parse_payment_id(d.pop("payment_id", UNSET))

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

        charge_body = cls(
            amount=amount,
            created_at=created_at,
            description=description,
            installation_id=installation_id,
            key=key,
            plugin_digest=plugin_digest,
            reference=reference,
            refunded_minor=refunded_minor,
            state=state,
            updated_at=updated_at,
            action=action,
            fee=fee,
            flag=flag,
            payment_id=payment_id,
            reason=reason,
        )

        charge_body.additional_properties = d
        return charge_body

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
