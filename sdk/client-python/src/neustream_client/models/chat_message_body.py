from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChatMessageBody")


@_attrs_define
class ChatMessageBody:
    """A message of a platform's chat."""

    author_id: str
    """ The platform's id of who wrote it. """
    author_name: str
    """ The name of who wrote it, as the platform shows it. """
    created_at: datetime.datetime
    """ When it came here (RFC 3339). """
    extra: list[list[str]]
    """ Emotes, badges, colour, amounts, as the platform names them. """
    id: UUID
    """ Its id here. """
    kind: str
    """ `message`, `system`, `action`, `paid`, ... """
    message_text: str
    """ What was written. """
    platform: str
    """ Where it was written. """
    platform_id: str
    """ The platform's id of it. """
    roles: list[str]
    """ What its author is there, such as `moderator`. """
    deleted_at: datetime.datetime | None | Unset = UNSET
    """ When it was removed there (RFC 3339). """
    reply_to: None | str | Unset = UNSET
    """ The platform's id of the message that it answers. """
    sent_at: datetime.datetime | None | Unset = UNSET
    """ When it was written there (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        author_id = self.author_id

        author_name = self.author_name

        created_at = self.created_at.isoformat()

        extra = []
        for extra_item_data in self.extra:
            extra_item = []
            for extra_item_item_data in extra_item_data:
                extra_item_item: str
                extra_item_item = extra_item_item_data
                extra_item.append(extra_item_item)

            extra.append(extra_item)

        id = str(self.id)

        kind = self.kind

        message_text = self.message_text

        platform = self.platform

        platform_id = self.platform_id

        roles = self.roles

        deleted_at: None | str | Unset
        if isinstance(self.deleted_at, Unset):
            deleted_at = UNSET
        elif isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        reply_to: None | str | Unset
        if isinstance(self.reply_to, Unset):
            reply_to = UNSET
        else:
            reply_to = self.reply_to

        sent_at: None | str | Unset
        if isinstance(self.sent_at, Unset):
            sent_at = UNSET
        elif isinstance(self.sent_at, datetime.datetime):
            sent_at = self.sent_at.isoformat()
        else:
            sent_at = self.sent_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "author_id": author_id,
                "author_name": author_name,
                "created_at": created_at,
                "extra": extra,
                "id": id,
                "kind": kind,
                "message_text": message_text,
                "platform": platform,
                "platform_id": platform_id,
                "roles": roles,
            }
        )
        if deleted_at is not UNSET:
            field_dict["deleted_at"] = deleted_at
        if reply_to is not UNSET:
            field_dict["reply_to"] = reply_to
        if sent_at is not UNSET:
            field_dict["sent_at"] = sent_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        author_id = d.pop("author_id")

        author_name = d.pop("author_name")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        extra = []
        _extra = d.pop("extra")
        for extra_item_data in _extra:
            extra_item = []
            _extra_item = extra_item_data
            for extra_item_item_data in _extra_item:

                def _parse_extra_item_item(data: object) -> str:
                    return cast(str, data)

                extra_item_item = _parse_extra_item_item(extra_item_item_data)

                extra_item.append(extra_item_item)

            extra.append(extra_item)

        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        message_text = d.pop("message_text")

        platform = d.pop("platform")

        platform_id = d.pop("platform_id")

        roles = cast(list[str], d.pop("roles"))

        def _parse_deleted_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        deleted_at = _parse_deleted_at(d.pop("deleted_at", UNSET))

        def _parse_reply_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reply_to = _parse_reply_to(d.pop("reply_to", UNSET))

        def _parse_sent_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sent_at_type_0 = datetime.datetime.fromisoformat(data)

                return sent_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        sent_at = _parse_sent_at(d.pop("sent_at", UNSET))

        chat_message_body = cls(
            author_id=author_id,
            author_name=author_name,
            created_at=created_at,
            extra=extra,
            id=id,
            kind=kind,
            message_text=message_text,
            platform=platform,
            platform_id=platform_id,
            roles=roles,
            deleted_at=deleted_at,
            reply_to=reply_to,
            sent_at=sent_at,
        )

        chat_message_body.additional_properties = d
        return chat_message_body

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
