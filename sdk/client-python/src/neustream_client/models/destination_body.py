from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.destination_body_config import DestinationBodyConfig
    from ..models.destination_body_secrets import DestinationBodySecrets


T = TypeVar("T", bound="DestinationBody")


@_attrs_define
class DestinationBody:
    """A destination."""

    config: DestinationBodyConfig
    """ Its configuration. """
    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    id: UUID
    """ Its id. """
    is_active: bool
    """ Whether it is switched on. """
    name: str
    """ What you call it; may be empty. """
    platform: str
    """ The platform's word, or the plugin's id where it has none. """
    plugin: str
    """ The plugin that prepares it. """
    secrets: DestinationBodySecrets
    """ Which secrets are set, by name. """
    source_id: UUID
    """ The source that it is an output of. """
    updated_at: datetime.datetime
    """ When it was last changed (RFC 3339). """
    installation_id: None | Unset | UUID = UNSET
    """ The installation of the plugin; null only where its plugin is not on this host. """
    rtmp_url: None | str | Unset = UNSET
    """ The configuration's `rtmp_url`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        config = self.config.to_dict()

        created_at = self.created_at.isoformat()

        id = str(self.id)

        is_active = self.is_active

        name = self.name

        platform = self.platform

        plugin = self.plugin

        secrets = self.secrets.to_dict()

        source_id = str(self.source_id)

        updated_at = self.updated_at.isoformat()

        installation_id: None | str | Unset
        if isinstance(self.installation_id, Unset):
            installation_id = UNSET
        elif isinstance(self.installation_id, UUID):
            installation_id = str(self.installation_id)
        else:
            installation_id = self.installation_id

        rtmp_url: None | str | Unset
        if isinstance(self.rtmp_url, Unset):
            rtmp_url = UNSET
        else:
            rtmp_url = self.rtmp_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "config": config,
                "created_at": created_at,
                "id": id,
                "is_active": is_active,
                "name": name,
                "platform": platform,
                "plugin": plugin,
                "secrets": secrets,
                "source_id": source_id,
                "updated_at": updated_at,
            }
        )
        if installation_id is not UNSET:
            field_dict["installation_id"] = installation_id
        if rtmp_url is not UNSET:
            field_dict["rtmp_url"] = rtmp_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.destination_body_config import DestinationBodyConfig  # noqa: PLC0415
        from ..models.destination_body_secrets import DestinationBodySecrets  # noqa: PLC0415

        d = dict(src_dict)
        config = DestinationBodyConfig.from_dict(d.pop("config"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        is_active = d.pop("is_active")

        name = d.pop("name")

        platform = d.pop("platform")

        plugin = d.pop("plugin")

        secrets = DestinationBodySecrets.from_dict(d.pop("secrets"))

        source_id = UUID(d.pop("source_id"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_installation_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                installation_id_type_0 = UUID(data)

                return installation_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        installation_id = _parse_installation_id(d.pop("installation_id", UNSET))

        def _parse_rtmp_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        rtmp_url = _parse_rtmp_url(d.pop("rtmp_url", UNSET))

        destination_body = cls(
            config=config,
            created_at=created_at,
            id=id,
            is_active=is_active,
            name=name,
            platform=platform,
            plugin=plugin,
            secrets=secrets,
            source_id=source_id,
            updated_at=updated_at,
            installation_id=installation_id,
            rtmp_url=rtmp_url,
        )

        destination_body.additional_properties = d
        return destination_body

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
