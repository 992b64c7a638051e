from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.actor_body import ActorBody
    from ..models.audit_entry_body_after_type_0 import AuditEntryBodyAfterType0
    from ..models.audit_entry_body_before_type_0 import AuditEntryBodyBeforeType0
    from ..models.target_body import TargetBody


T = TypeVar("T", bound="AuditEntryBody")


@_attrs_define
class AuditEntryBody:
    """An entry. Secrets are never in it: of one that changed it says so, no more."""

    action: str
    """ What was done. """
    actor: ActorBody
    """ Who did it. """
    at: datetime.datetime
    """ When (RFC 3339). """
    hash_: str
    """ SHA-256 in hexadecimal over everything above; docs/SECURITY.md says in which form. """
    previous_hash: str
    """ The hash of the entry before (SHA-256 in hexadecimal). """
    sequence: int
    """ Its place in the log, from 1 and without gaps. """
    target: TargetBody
    """ What it was done to. """
    address: None | str | Unset = UNSET
    """ The client's address. """
    after: AuditEntryBodyAfterType0 | None | Unset = UNSET
    """ What changed, as it is since. """
    before: AuditEntryBodyBeforeType0 | None | Unset = UNSET
    """ What changed, as it was. """
    reason: None | str | Unset = UNSET
    """ Why, in the words of whoever did it. """
    request_id: None | str | Unset = UNSET
    """ `X-Request-Id` of the request that asked for it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.audit_entry_body_after_type_0 import AuditEntryBodyAfterType0  # noqa: PLC0415
        from ..models.audit_entry_body_before_type_0 import AuditEntryBodyBeforeType0  # noqa: PLC0415

        action = self.action

        actor = self.actor.to_dict()

        at = self.at.isoformat()

        hash_ = self.hash_

        previous_hash = self.previous_hash

        sequence = self.sequence

        target = self.target.to_dict()

        address: None | str | Unset
        if isinstance(self.address, Unset):
            address = UNSET
        else:
            address = self.address

        after: dict[str, Any] | None | Unset
        if isinstance(self.after, Unset):
            after = UNSET
        elif isinstance(self.after, AuditEntryBodyAfterType0):
            after = self.after.to_dict()
        else:
            after = self.after

        before: dict[str, Any] | None | Unset
        if isinstance(self.before, Unset):
            before = UNSET
        elif isinstance(self.before, AuditEntryBodyBeforeType0):
            before = self.before.to_dict()
        else:
            before = self.before

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        request_id: None | str | Unset
        if isinstance(self.request_id, Unset):
            request_id = UNSET
        else:
            request_id = self.request_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "actor": actor,
                "at": at,
                "hash": hash_,
                "previous_hash": previous_hash,
                "sequence": sequence,
                "target": target,
            }
        )
        if address is not UNSET:
            field_dict["address"] = address
        if after is not UNSET:
            field_dict["after"] = after
        if before is not UNSET:
            field_dict["before"] = before
        if reason is not UNSET:
            field_dict["reason"] = reason
        if request_id is not UNSET:
            field_dict["request_id"] = request_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.actor_body import ActorBody  # noqa: PLC0415
        from ..models.audit_entry_body_after_type_0 import AuditEntryBodyAfterType0  # noqa: PLC0415
        from ..models.audit_entry_body_before_type_0 import AuditEntryBodyBeforeType0  # noqa: PLC0415
        from ..models.target_body import TargetBody  # noqa: PLC0415

        d = dict(src_dict)
        action = d.pop("action")

        actor = ActorBody.from_dict(d.pop("actor"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        hash_ = d.pop("hash")

        previous_hash = d.pop("previous_hash")

        sequence = d.pop("sequence")

        target = TargetBody.from_dict(d.pop("target"))

        def _parse_address(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        address = _parse_address(d.pop("address", UNSET))

        def _parse_after(data: object) -> AuditEntryBodyAfterType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                after_type_0 = AuditEntryBodyAfterType0.from_dict(data)

                return after_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuditEntryBodyAfterType0 | None | Unset, data)

        after = _parse_after(d.pop("after", UNSET))

        def _parse_before(data: object) -> AuditEntryBodyBeforeType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                before_type_0 = AuditEntryBodyBeforeType0.from_dict(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuditEntryBodyBeforeType0 | None | Unset, data)

        before = _parse_before(d.pop("before", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_request_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request_id = _parse_request_id(d.pop("request_id", UNSET))

        audit_entry_body = cls(
            action=action,
            actor=actor,
            at=at,
            hash_=hash_,
            previous_hash=previous_hash,
            sequence=sequence,
            target=target,
            address=address,
            after=after,
            before=before,
            reason=reason,
            request_id=request_id,
        )

        audit_entry_body.additional_properties = d
        return audit_entry_body

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
