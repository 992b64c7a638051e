from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.publisher_body import PublisherBody


T = TypeVar("T", bound="PublishersBody")


@_attrs_define
class PublishersBody:
    """Namespaces, by name."""

    publishers: list[PublisherBody]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        publishers = []
        for publishers_item_data in self.publishers:
            publishers_item = publishers_item_data.to_dict()
            publishers.append(publishers_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "publishers": publishers,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.publisher_body import PublisherBody  # noqa: PLC0415

        d = dict(src_dict)
        publishers = []
        _publishers = d.pop("publishers")
        for publishers_item_data in _publishers:
            publishers_item = PublisherBody.from_dict(publishers_item_data)

            publishers.append(publishers_item)

        publishers_body = cls(
            publishers=publishers,
        )

        publishers_body.additional_properties = d
        return publishers_body

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
