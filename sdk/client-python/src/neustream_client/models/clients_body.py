from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.client_shown_body import ClientShownBody


T = TypeVar("T", bound="ClientsBody")


@_attrs_define
class ClientsBody:
    """Clients, by plugin."""

    clients: list[ClientShownBody]
    redirect_base: str
    """ What a provider must know of a client that is not set yet: the address to return to is this, and the
    plugin's
    id and the secret's name behind it, with `/` between. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        clients = []
        for clients_item_data in self.clients:
            clients_item = clients_item_data.to_dict()
            clients.append(clients_item)

        redirect_base = self.redirect_base

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "clients": clients,
                "redirect_base": redirect_base,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.client_shown_body import ClientShownBody  # noqa: PLC0415

        d = dict(src_dict)
        clients = []
        _clients = d.pop("clients")
        for clients_item_data in _clients:
            clients_item = ClientShownBody.from_dict(clients_item_data)

            clients.append(clients_item)

        redirect_base = d.pop("redirect_base")

        clients_body = cls(
            clients=clients,
            redirect_base=redirect_base,
        )

        clients_body.additional_properties = d
        return clients_body

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
