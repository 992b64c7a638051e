from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.chat_connector_body_config import ChatConnectorBodyConfig


T = TypeVar("T", bound="ChatConnectorBody")


@_attrs_define
class ChatConnectorBody:
    """A chat that is connected."""

    config: ChatConnectorBodyConfig
    """ Its configuration, as the plugin's schema has it. """
    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    id: UUID
    """ The installation's id, for `/api/installations/{id}`. """
    is_active: bool
    """ Whether it is switched on. """
    platform: str
    """ The platform; of a plugin of others its id. """
    plugin: str
    """ The plugin. """
    state: str
    """ `ready`, `needs-configuration`, `disabled`, `suspended` or `revoked`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        config = self.config.to_dict()

        created_at = self.created_at.isoformat()

        id = str(self.id)

        is_active = self.is_active

        platform = self.platform

        plugin = self.plugin

        state = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "config": config,
                "created_at": created_at,
                "id": id,
                "is_active": is_active,
                "platform": platform,
                "plugin": plugin,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chat_connector_body_config import ChatConnectorBodyConfig  # noqa: PLC0415

        d = dict(src_dict)
        config = ChatConnectorBodyConfig.from_dict(d.pop("config"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        is_active = d.pop("is_active")

        platform = d.pop("platform")

        plugin = d.pop("plugin")

        state = d.pop("state")

        chat_connector_body = cls(
            config=config,
            created_at=created_at,
            id=id,
            is_active=is_active,
            platform=platform,
            plugin=plugin,
            state=state,
        )

        chat_connector_body.additional_properties = d
        return chat_connector_body

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
