from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.owner_body import OwnerBody


T = TypeVar("T", bound="ListedSourceBody")


@_attrs_define
class ListedSourceBody:
    """A source of somebody."""

    bitrate_in_bps: int
    """ Bits per second that arrive; 0 while nothing does. """
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
    started_at: datetime.datetime | None | Unset = UNSET
    """ When the session that runs began (RFC 3339); null while none does on this node. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bitrate_in_bps = self.bitrate_in_bps

        created_at = self.created_at.isoformat()

        destinations_count = self.destinations_count

        id = str(self.id)

        name = self.name

        organisation = self.organisation.to_dict()

        state = self.state

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        elif isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bitrate_in_bps": bitrate_in_bps,
                "created_at": created_at,
                "destinations_count": destinations_count,
                "id": id,
                "name": name,
                "organisation": organisation,
                "state": state,
            }
        )
        if started_at is not UNSET:
            field_dict["started_at"] = started_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.owner_body import OwnerBody  # noqa: PLC0415

        d = dict(src_dict)
        bitrate_in_bps = d.pop("bitrate_in_bps")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        destinations_count = d.pop("destinations_count")

        id = UUID(d.pop("id"))

        name = d.pop("name")

        organisation = OwnerBody.from_dict(d.pop("organisation"))

        state = d.pop("state")

        def _parse_started_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        listed_source_body = cls(
            bitrate_in_bps=bitrate_in_bps,
            created_at=created_at,
            destinations_count=destinations_count,
            id=id,
            name=name,
            organisation=organisation,
            state=state,
            started_at=started_at,
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
