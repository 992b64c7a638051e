from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.config_error_body import ConfigErrorBody
    from ..models.permission_body import PermissionBody
    from ..models.plugin_secret_body import PluginSecretBody


T = TypeVar("T", bound="NeedsBody")


@_attrs_define
class NeedsBody:
    """What a version needs of its tenant."""

    config_errors: list[ConfigErrorBody]
    """ What is wrong with the configuration by the version's schema. """
    permissions: list[PermissionBody]
    """ Permissions that were neither granted nor declined. Only these keep an installation from running the
    version:
    consent by upgrading to its digest, or by installing it. """
    secrets: list[PluginSecretBody]
    """ Secrets that it cannot do without and that are not set, or not connected. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        config_errors = []
        for config_errors_item_data in self.config_errors:
            config_errors_item = config_errors_item_data.to_dict()
            config_errors.append(config_errors_item)

        permissions = []
        for permissions_item_data in self.permissions:
            permissions_item = permissions_item_data.to_dict()
            permissions.append(permissions_item)

        secrets = []
        for secrets_item_data in self.secrets:
            secrets_item = secrets_item_data.to_dict()
            secrets.append(secrets_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "config_errors": config_errors,
                "permissions": permissions,
                "secrets": secrets,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.config_error_body import ConfigErrorBody  # noqa: PLC0415
        from ..models.permission_body import PermissionBody  # noqa: PLC0415
        from ..models.plugin_secret_body import PluginSecretBody  # noqa: PLC0415

        d = dict(src_dict)
        config_errors = []
        _config_errors = d.pop("config_errors")
        for config_errors_item_data in _config_errors:
            config_errors_item = ConfigErrorBody.from_dict(config_errors_item_data)

            config_errors.append(config_errors_item)

        permissions = []
        _permissions = d.pop("permissions")
        for permissions_item_data in _permissions:
            permissions_item = PermissionBody.from_dict(permissions_item_data)

            permissions.append(permissions_item)

        secrets = []
        _secrets = d.pop("secrets")
        for secrets_item_data in _secrets:
            secrets_item = PluginSecretBody.from_dict(secrets_item_data)

            secrets.append(secrets_item)

        needs_body = cls(
            config_errors=config_errors,
            permissions=permissions,
            secrets=secrets,
        )

        needs_body.additional_properties = d
        return needs_body

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
