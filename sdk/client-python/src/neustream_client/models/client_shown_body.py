from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ClientShownBody")


@_attrs_define
class ClientShownBody:
    """A client, without its secret."""

    client_id: str
    """ The id that the provider gave. """
    plugin: str
    """ The plugin. """
    redirect_uri: str
    """ What must be registered at the provider, letter by letter. """
    secret: str
    """ The secret's name in the manifest. """
    token_url: str
    """ Where the client's secret may be sent. """
    updated_at: datetime.datetime
    """ When it was set (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        plugin = self.plugin

        redirect_uri = self.redirect_uri

        secret = self.secret

        token_url = self.token_url

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
                "plugin": plugin,
                "redirect_uri": redirect_uri,
                "secret": secret,
                "token_url": token_url,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        client_id = d.pop("client_id")

        plugin = d.pop("plugin")

        redirect_uri = d.pop("redirect_uri")

        secret = d.pop("secret")

        token_url = d.pop("token_url")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        client_shown_body = cls(
            client_id=client_id,
            plugin=plugin,
            redirect_uri=redirect_uri,
            secret=secret,
            token_url=token_url,
            updated_at=updated_at,
        )

        client_shown_body.additional_properties = d
        return client_shown_body

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
