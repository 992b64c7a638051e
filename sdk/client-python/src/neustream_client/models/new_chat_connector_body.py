from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.new_chat_connector_body_config import NewChatConnectorBodyConfig


T = TypeVar("T", bound="NewChatConnectorBody")


@_attrs_define
class NewChatConnectorBody:
    """A chat to be connected."""

    config: NewChatConnectorBodyConfig
    """ What the plugin is to know: its schema is at `GET /api/plugins/neustream/{platform}-chat`. """
    platform: str
    """ `twitch` or `youtube`. """
    source_id: UUID
    """ A source of the app that gets it; its other sources have it too. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        config = self.config.to_dict()

        platform = self.platform

        source_id = str(self.source_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "config": config,
                "platform": platform,
                "source_id": source_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_chat_connector_body_config import NewChatConnectorBodyConfig  # noqa: PLC0415

        d = dict(src_dict)
        config = NewChatConnectorBodyConfig.from_dict(d.pop("config"))

        platform = d.pop("platform")

        source_id = UUID(d.pop("source_id"))

        new_chat_connector_body = cls(
            config=config,
            platform=platform,
            source_id=source_id,
        )

        new_chat_connector_body.additional_properties = d
        return new_chat_connector_body

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
