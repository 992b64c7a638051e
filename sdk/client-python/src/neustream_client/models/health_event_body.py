from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_body import ReasonBody


T = TypeVar("T", bound="HealthEventBody")


@_attrs_define
class HealthEventBody:
    """Something entered a state, or is in it for another reason."""

    at: datetime.datetime
    """ When (RFC 3339). """
    state: str
    """ Of a source `offline`, `starting`, `live` or `reconnecting`; of a destination `idle`, `preparing`,
    `connecting`,
    `live`, `retrying` or `failed`. """
    destination_id: None | Unset | UUID = UNSET
    """ The destination; null where it is about the source itself. """
    reason: None | ReasonBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        at = self.at.isoformat()

        state = self.state

        destination_id: None | str | Unset
        if isinstance(self.destination_id, Unset):
            destination_id = UNSET
        elif isinstance(self.destination_id, UUID):
            destination_id = str(self.destination_id)
        else:
            destination_id = self.destination_id

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
                "at": at,
                "state": state,
            }
        )
        if destination_id is not UNSET:
            field_dict["destination_id"] = destination_id
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        state = d.pop("state")

        def _parse_destination_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                destination_id_type_0 = UUID(data)

                return destination_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        destination_id = _parse_destination_id(d.pop("destination_id", UNSET))

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

        health_event_body = cls(
            at=at,
            state=state,
            destination_id=destination_id,
            reason=reason,
        )

        health_event_body.additional_properties = d
        return health_event_body

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
