from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="HealthBody")


@_attrs_define
class HealthBody:
    """How the host is doing."""

    database: str
    """ `ok` or `unavailable`. """
    sessions: int
    """ Running sessions. """
    status: str
    """ `ok` or `unavailable`. """
    version: str
    """ Version of the host. """
    setup_required: bool | None | Unset = UNSET
    """ Whether the host waits for its first administrator; null while the database is unavailable. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        database = self.database

        sessions = self.sessions

        status = self.status

        version = self.version

        setup_required: bool | None | Unset
        if isinstance(self.setup_required, Unset):
            setup_required = UNSET
        else:
            setup_required = self.setup_required

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database": database,
                "sessions": sessions,
                "status": status,
                "version": version,
            }
        )
        if setup_required is not UNSET:
            field_dict["setup_required"] = setup_required

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        database = d.pop("database")

        sessions = d.pop("sessions")

        status = d.pop("status")

        version = d.pop("version")

        def _parse_setup_required(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        setup_required = _parse_setup_required(d.pop("setup_required", UNSET))

        health_body = cls(
            database=database,
            sessions=sessions,
            status=status,
            version=version,
            setup_required=setup_required,
        )

        health_body.additional_properties = d
        return health_body

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
