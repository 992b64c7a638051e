from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.publisher_key_body import PublisherKeyBody


T = TypeVar("T", bound="PublisherBody")


@_attrs_define
class PublisherBody:
    """A namespace of yours."""

    created_at: datetime.datetime
    """ When it was taken (RFC 3339). """
    keys: list[PublisherKeyBody]
    """ Its keys, oldest first, retired ones included. """
    namespace: str
    """ The first part of the ids of its plugins. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        keys = []
        for keys_item_data in self.keys:
            keys_item = keys_item_data.to_dict()
            keys.append(keys_item)

        namespace = self.namespace

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "keys": keys,
                "namespace": namespace,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.publisher_key_body import PublisherKeyBody  # noqa: PLC0415

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        keys = []
        _keys = d.pop("keys")
        for keys_item_data in _keys:
            keys_item = PublisherKeyBody.from_dict(keys_item_data)

            keys.append(keys_item)

        namespace = d.pop("namespace")

        publisher_body = cls(
            created_at=created_at,
            keys=keys,
            namespace=namespace,
        )

        publisher_body.additional_properties = d
        return publisher_body

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
