from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RetentionBody")


@_attrs_define
class RetentionBody:
    """Days that an organisation keeps what; null for as long as the host does."""

    activity_days: int | None | Unset = UNSET
    """ What installations did. """
    audit_days: int | None | Unset = UNSET
    """ The audit log. What is left of it still verifies. """
    chat_days: int | None | Unset = UNSET
    """ Messages of chats and recordings of verdicts about them. """
    sessions_days: int | None | Unset = UNSET
    """ The list of sessions. What was streamed counts for the plan all the same. """

    def to_dict(self) -> dict[str, Any]:
        activity_days: int | None | Unset
        if isinstance(self.activity_days, Unset):
            activity_days = UNSET
        else:
            activity_days = self.activity_days

        audit_days: int | None | Unset
        if isinstance(self.audit_days, Unset):
            audit_days = UNSET
        else:
            audit_days = self.audit_days

        chat_days: int | None | Unset
        if isinstance(self.chat_days, Unset):
            chat_days = UNSET
        else:
            chat_days = self.chat_days

        sessions_days: int | None | Unset
        if isinstance(self.sessions_days, Unset):
            sessions_days = UNSET
        else:
            sessions_days = self.sessions_days

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if activity_days is not UNSET:
            field_dict["activity_days"] = activity_days
        if audit_days is not UNSET:
            field_dict["audit_days"] = audit_days
        if chat_days is not UNSET:
            field_dict["chat_days"] = chat_days
        if sessions_days is not UNSET:
            field_dict["sessions_days"] = sessions_days

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_activity_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        activity_days = _parse_activity_days(d.pop("activity_days", UNSET))

        def _parse_audit_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        audit_days = _parse_audit_days(d.pop("audit_days", UNSET))

        def _parse_chat_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        chat_days = _parse_chat_days(d.pop("chat_days", UNSET))

        def _parse_sessions_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        sessions_days = _parse_sessions_days(d.pop("sessions_days", UNSET))

        retention_body = cls(
            activity_days=activity_days,
            audit_days=audit_days,
            chat_days=chat_days,
            sessions_days=sessions_days,
        )

        return retention_body
