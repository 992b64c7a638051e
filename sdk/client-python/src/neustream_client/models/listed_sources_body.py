from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.listed_source_body import ListedSourceBody
    from ..models.pagination_body import PaginationBody


T = TypeVar("T", bound="ListedSourcesBody")


@_attrs_define
class ListedSourcesBody:
    """A page of sources, newest first."""

    pagination: PaginationBody
    """ Where a page stands among all of them. """
    sources: list[ListedSourceBody]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pagination = self.pagination.to_dict()

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pagination": pagination,
                "sources": sources,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.listed_source_body import ListedSourceBody  # noqa: PLC0415
        from ..models.pagination_body import PaginationBody  # noqa: PLC0415

        d = dict(src_dict)
        pagination = PaginationBody.from_dict(d.pop("pagination"))

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = ListedSourceBody.from_dict(sources_item_data)

            sources.append(sources_item)

        listed_sources_body = cls(
            pagination=pagination,
            sources=sources,
        )

        listed_sources_body.additional_properties = d
        return listed_sources_body

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
