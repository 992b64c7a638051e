from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.owner_body import OwnerBody


T = TypeVar("T", bound="ListedSourceBody")


@_attrs_define
class ListedSourceBody:
    """A source of somebody."""

    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    destinations_count: int
    """ How many destinations it has. """
    id: UUID
    """ The source's id. """
    name: str
    """ Its name. """
    organisation: OwnerBody
    """ Whose something is. """
    state: str
    """ `offline`, `starting`, `live` or `reconnecting`, on this node. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        destinations_count = self.destinations_count

        id = str(self.id)

        name = self.name

        organisation = self.organisation.to_dict()

        state = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "destinations_count": destinations_count,
                "id": id,
                "name": name,
                "organisation": organisation,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.owner_body import OwnerBody  # noqa: PLC0415

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        destinations_count = d.pop("destinations_count")

        id = UUID(d.pop("id"))

        name = d.pop("name")

        organisation = OwnerBody.from_dict(d.pop("organisation"))

        state = d.pop("state")

        listed_source_body = cls(
            created_at=created_at,
            destinations_count=destinations_count,
            id=id,
            name=name,
            organisation=organisation,
            state=state,
        )

        listed_source_body.additional_properties = d
        return listed_source_body

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
