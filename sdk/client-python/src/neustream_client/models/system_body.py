from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.system_check_body import SystemCheckBody
    from ..models.system_database_body import SystemDatabaseBody
    from ..models.system_disk_body import SystemDiskBody
    from ..models.system_memory_body import SystemMemoryBody


T = TypeVar("T", bound="SystemBody")


@_attrs_define
class SystemBody:
    """How the host is doing, for those who run it."""

    checked_at: datetime.datetime
    """ When those were looked at (RFC 3339): at most a minute ago. """
    checks: list[SystemCheckBody]
    """ What `neustream admin doctor` looks at, as far as it makes sense while the host serves. """
    cpu_percent: float
    """ CPU time of the host's process since somebody last asked, in per cent of one core. """
    database: SystemDatabaseBody
    """ The database. """
    destinations: int
    """ Destinations of those sessions that are switched on. """
    disk: SystemDiskBody
    """ The disk that the data is on. """
    mail_configured: bool
    """ Whether mail leaves the machine; otherwise it goes to the log. """
    memory: SystemMemoryBody
    """ The memory of the host's process. """
    redis: str
    """ `ok`, `unavailable`, or `off` where nodes share none. """
    sessions: int
    """ Sessions that run on this node. """
    started_at: datetime.datetime
    """ When this node began to serve (RFC 3339). """
    version: str
    """ Version of the host. """
    viewers: int
    """ Viewers of those sessions. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        checked_at = self.checked_at.isoformat()

        checks = []
        for checks_item_data in self.checks:
            checks_item = checks_item_data.to_dict()
            checks.append(checks_item)

        cpu_percent = self.cpu_percent

        database = self.database.to_dict()

        destinations = self.destinations

        disk = self.disk.to_dict()

        mail_configured = self.mail_configured

        memory = self.memory.to_dict()

        redis = self.redis

        sessions = self.sessions

        started_at = self.started_at.isoformat()

        version = self.version

        viewers = self.viewers

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "checked_at": checked_at,
                "checks": checks,
                "cpu_percent": cpu_percent,
                "database": database,
                "destinations": destinations,
                "disk": disk,
                "mail_configured": mail_configured,
                "memory": memory,
                "redis": redis,
                "sessions": sessions,
                "started_at": started_at,
                "version": version,
                "viewers": viewers,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.system_check_body import SystemCheckBody  # noqa: PLC0415
        from ..models.system_database_body import SystemDatabaseBody  # noqa: PLC0415
        from ..models.system_disk_body import SystemDiskBody  # noqa: PLC0415
        from ..models.system_memory_body import SystemMemoryBody  # noqa: PLC0415

        d = dict(src_dict)
        checked_at = datetime.datetime.fromisoformat(d.pop("checked_at"))

        checks = []
        _checks = d.pop("checks")
        for checks_item_data in _checks:
            checks_item = SystemCheckBody.from_dict(checks_item_data)

            checks.append(checks_item)

        cpu_percent = d.pop("cpu_percent")

        database = SystemDatabaseBody.from_dict(d.pop("database"))

        destinations = d.pop("destinations")

        disk = SystemDiskBody.from_dict(d.pop("disk"))

        mail_configured = d.pop("mail_configured")

        memory = SystemMemoryBody.from_dict(d.pop("memory"))

        redis = d.pop("redis")

        sessions = d.pop("sessions")

        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))

        version = d.pop("version")

        viewers = d.pop("viewers")

        system_body = cls(
            checked_at=checked_at,
            checks=checks,
            cpu_percent=cpu_percent,
            database=database,
            destinations=destinations,
            disk=disk,
            mail_configured=mail_configured,
            memory=memory,
            redis=redis,
            sessions=sessions,
            started_at=started_at,
            version=version,
            viewers=viewers,
        )

        system_body.additional_properties = d
        return system_body

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
