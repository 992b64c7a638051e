from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_installation_body_config_type_0 import (
        NewInstallationBodyConfigType0,
    )
    from ..models.new_installation_body_secrets_type_0 import (
        NewInstallationBodySecretsType0,
    )


T = TypeVar("T", bound="NewInstallationBody")


@_attrs_define
class NewInstallationBody:
    """A plugin to be installed."""

    grant: list[str]
    """ The permission keys that you grant, of those that the plugin's `permissions` name. What you leave out is
    denied. """
    plugin: str
    """ The plugin. """
    auto_upgrade: bool | None | Unset = UNSET
    """ Whether new versions come by themselves, where they need no consent; true when left out. """
    config: NewInstallationBodyConfigType0 | None | Unset = UNSET
    """ Its configuration, as the plugin's schema says; may come later. """
    digest: None | str | Unset = UNSET
    """ In place of `version`: `sha256:<hex>` of the package. """
    name: None | str | Unset = UNSET
    """ What you call it. """
    on_failure: None | str | Unset = UNSET
    """ For moderation: what becomes of messages that it does not judge; `hold` when left out. """
    ring: int | None | Unset = UNSET
    """ How early it gets new versions: 1, 10 or 100 (per cent); the host chooses when left out. """
    secrets: NewInstallationBodySecretsType0 | None | Unset = UNSET
    """ Its secrets, by name; may come later. """
    version: None | str | Unset = UNSET
    """ Its version; the newest that you may install when left out. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.new_installation_body_config_type_0 import (
            NewInstallationBodyConfigType0,  # noqa: PLC0415
        )
        from ..models.new_installation_body_secrets_type_0 import (
            NewInstallationBodySecretsType0,  # noqa: PLC0415
        )

        grant = self.grant

        plugin = self.plugin

        auto_upgrade: bool | None | Unset
        if isinstance(self.auto_upgrade, Unset):
            auto_upgrade = UNSET
        else:
            auto_upgrade = self.auto_upgrade

        config: dict[str, Any] | None | Unset
        if isinstance(self.config, Unset):
            config = UNSET
        elif isinstance(self.config, NewInstallationBodyConfigType0):
            config = self.config.to_dict()
        else:
            config = self.config

        digest: None | str | Unset
        if isinstance(self.digest, Unset):
            digest = UNSET
        else:
            digest = self.digest

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        on_failure: None | str | Unset
        if isinstance(self.on_failure, Unset):
            on_failure = UNSET
        else:
            on_failure = self.on_failure

        ring: int | None | Unset
        if isinstance(self.ring, Unset):
            ring = UNSET
        else:
            ring = self.ring

        secrets: dict[str, Any] | None | Unset
        if isinstance(self.secrets, Unset):
            secrets = UNSET
        elif isinstance(self.secrets, NewInstallationBodySecretsType0):
            secrets = self.secrets.to_dict()
        else:
            secrets = self.secrets

        version: None | str | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "grant": grant,
                "plugin": plugin,
            }
        )
        if auto_upgrade is not UNSET:
            field_dict["auto_upgrade"] = auto_upgrade
        if config is not UNSET:
            field_dict["config"] = config
        if digest is not UNSET:
            field_dict["digest"] = digest
        if name is not UNSET:
            field_dict["name"] = name
        if on_failure is not UNSET:
            field_dict["on_failure"] = on_failure
        if ring is not UNSET:
            field_dict["ring"] = ring
        if secrets is not UNSET:
            field_dict["secrets"] = secrets
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_installation_body_config_type_0 import (
            NewInstallationBodyConfigType0,  # noqa: PLC0415
        )
        from ..models.new_installation_body_secrets_type_0 import (
            NewInstallationBodySecretsType0,  # noqa: PLC0415
        )

        d = dict(src_dict)
        grant = cast(list[str], d.pop("grant"))

        plugin = d.pop("plugin")

        def _parse_auto_upgrade(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        auto_upgrade = _parse_auto_upgrade(d.pop("auto_upgrade", UNSET))

        def _parse_config(
            data: object,
        ) -> NewInstallationBodyConfigType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                config_type_0 = NewInstallationBodyConfigType0.from_dict(data)

                return config_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewInstallationBodyConfigType0 | None | Unset, data)

        config = _parse_config(d.pop("config", UNSET))

        def _parse_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        digest = _parse_digest(d.pop("digest", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_on_failure(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        on_failure = _parse_on_failure(d.pop("on_failure", UNSET))

        def _parse_ring(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        ring = _parse_ring(d.pop("ring", UNSET))

        def _parse_secrets(
            data: object,
        ) -> NewInstallationBodySecretsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                secrets_type_0 = NewInstallationBodySecretsType0.from_dict(data)

                return secrets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewInstallationBodySecretsType0 | None | Unset, data)

        secrets = _parse_secrets(d.pop("secrets", UNSET))

        def _parse_version(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        new_installation_body = cls(
            grant=grant,
            plugin=plugin,
            auto_upgrade=auto_upgrade,
            config=config,
            digest=digest,
            name=name,
            on_failure=on_failure,
            ring=ring,
            secrets=secrets,
            version=version,
        )

        new_installation_body.additional_properties = d
        return new_installation_body

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
