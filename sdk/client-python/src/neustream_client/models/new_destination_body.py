from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_destination_body_config_type_0 import (
        NewDestinationBodyConfigType0,
    )
    from ..models.new_destination_body_secrets_type_0 import (
        NewDestinationBodySecretsType0,
    )


T = TypeVar("T", bound="NewDestinationBody")


@_attrs_define
class NewDestinationBody:
    """A destination to be made: `plugin` with `config` and `secrets`, or the short form with `platform`."""

    config: NewDestinationBodyConfigType0 | None | Unset = UNSET
    """ Its configuration, laid over that of the installation; together as the plugin's schema says. """
    installation_id: None | Unset | UUID = UNSET
    """ In place of `plugin`: the installation that prepares it. """
    is_active: bool | None | Unset = UNSET
    """ Whether it is switched on; true when left out. """
    name: None | str | Unset = UNSET
    """ What you call it. """
    platform: None | str | Unset = UNSET
    """ In place of `plugin`: `custom`, `twitch`, `youtube`, `facebook` or `kick`. """
    plugin: None | str | Unset = UNSET
    """ The plugin, such as `neustream/twitch`. """
    rtmp_url: None | str | Unset = UNSET
    """ In place of `config`: the server to push to. """
    secrets: NewDestinationBodySecretsType0 | None | Unset = UNSET
    """ Its secrets, by name, laid over those of the installation. """
    stream_key: None | str | Unset = UNSET
    """ In place of `secrets`: the key that the platform gave you. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.new_destination_body_config_type_0 import (
            NewDestinationBodyConfigType0,  # noqa: PLC0415
        )
        from ..models.new_destination_body_secrets_type_0 import (
            NewDestinationBodySecretsType0,  # noqa: PLC0415
        )

        config: dict[str, Any] | None | Unset
        if isinstance(self.config, Unset):
            config = UNSET
        elif isinstance(self.config, NewDestinationBodyConfigType0):
            config = self.config.to_dict()
        else:
            config = self.config

        installation_id: None | str | Unset
        if isinstance(self.installation_id, Unset):
            installation_id = UNSET
        elif isinstance(self.installation_id, UUID):
            installation_id = str(self.installation_id)
        else:
            installation_id = self.installation_id

        is_active: bool | None | Unset
        if isinstance(self.is_active, Unset):
            is_active = UNSET
        else:
            is_active = self.is_active

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        platform: None | str | Unset
        if isinstance(self.platform, Unset):
            platform = UNSET
        else:
            platform = self.platform

        plugin: None | str | Unset
        if isinstance(self.plugin, Unset):
            plugin = UNSET
        else:
            plugin = self.plugin

        rtmp_url: None | str | Unset
        if isinstance(self.rtmp_url, Unset):
            rtmp_url = UNSET
        else:
            rtmp_url = self.rtmp_url

        secrets: dict[str, Any] | None | Unset
        if isinstance(self.secrets, Unset):
            secrets = UNSET
        elif isinstance(self.secrets, NewDestinationBodySecretsType0):
            secrets = self.secrets.to_dict()
        else:
            secrets = self.secrets

        stream_key: None | str | Unset
        if isinstance(self.stream_key, Unset):
            stream_key = UNSET
        else:
            stream_key = self.stream_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if config is not UNSET:
            field_dict["config"] = config
        if installation_id is not UNSET:
            field_dict["installation_id"] = installation_id
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if name is not UNSET:
            field_dict["name"] = name
        if platform is not UNSET:
            field_dict["platform"] = platform
        if plugin is not UNSET:
            field_dict["plugin"] = plugin
        if rtmp_url is not UNSET:
            field_dict["rtmp_url"] = rtmp_url
        if secrets is not UNSET:
            field_dict["secrets"] = secrets
        if stream_key is not UNSET:
            field_dict["stream_key"] = stream_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_destination_body_config_type_0 import (
            NewDestinationBodyConfigType0,  # noqa: PLC0415
        )
        from ..models.new_destination_body_secrets_type_0 import (
            NewDestinationBodySecretsType0,  # noqa: PLC0415
        )

        d = dict(src_dict)

        def _parse_config(data: object) -> NewDestinationBodyConfigType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                config_type_0 = NewDestinationBodyConfigType0.from_dict(data)

                return config_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewDestinationBodyConfigType0 | None | Unset, data)

        config = _parse_config(d.pop("config", UNSET))

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

        def _parse_is_active(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_active = _parse_is_active(d.pop("is_active", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_platform(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        platform = _parse_platform(d.pop("platform", UNSET))

        def _parse_plugin(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        plugin = _parse_plugin(d.pop("plugin", UNSET))

        def _parse_rtmp_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        rtmp_url = _parse_rtmp_url(d.pop("rtmp_url", UNSET))

        def _parse_secrets(
            data: object,
        ) -> NewDestinationBodySecretsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                secrets_type_0 = NewDestinationBodySecretsType0.from_dict(data)

                return secrets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewDestinationBodySecretsType0 | None | Unset, data)

        secrets = _parse_secrets(d.pop("secrets", UNSET))

        def _parse_stream_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stream_key = _parse_stream_key(d.pop("stream_key", UNSET))

        new_destination_body = cls(
            config=config,
            installation_id=installation_id,
            is_active=is_active,
            name=name,
            platform=platform,
            plugin=plugin,
            rtmp_url=rtmp_url,
            secrets=secrets,
            stream_key=stream_key,
        )

        new_destination_body.additional_properties = d
        return new_destination_body

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
