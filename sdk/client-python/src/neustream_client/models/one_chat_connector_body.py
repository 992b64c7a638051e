from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.chat_connector_body import ChatConnectorBody


T = TypeVar("T", bound="OneChatConnectorBody")


@_attrs_define
class OneChatConnectorBody:
    """One connector."""

    connector: ChatConnectorBody
    """ A chat that is connected. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        connector = self.connector.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "connector": connector,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chat_connector_body import ChatConnectorBody  # noqa: PLC0415

        d = dict(src_dict)
        connector = ChatConnectorBody.from_dict(d.pop("connector"))

        one_chat_connector_body = cls(
            connector=connector,
        )

        one_chat_connector_body.additional_properties = d
        return one_chat_connector_body

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
