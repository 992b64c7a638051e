from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.call_limits_body import CallLimitsBody
    from ..models.permission_body import PermissionBody
    from ..models.plugin_secret_body import PluginSecretBody


T = TypeVar("T", bound="PluginBody")


@_attrs_define
class PluginBody:
    """A plugin, as one of its versions describes it."""

    changelog: str
    """ What this version brings; may be empty. """
    config_schema: Any
    """ JSON Schema of its configuration. """
    description: str
    """ What it does; may be empty. """
    digest: str
    """ `sha256:<hex>` of the package. """
    id: str
    """ `namespace/name`. """
    kind: str
    """ What it is for: `destination`, `chat`, `moderation` or `payment`. """
    license_: str
    """ SPDX expression. """
    limits: CallLimitsBody
    """ What one call of a plugin may use; a call that wants more is stopped. """
    name: str
    """ Its name. """
    permissions: list[PermissionBody]
    """ What it may do. """
    pricing: str
    """ `free`, `per-tenant-month` or `usage(<metric>)`. """
    publisher: str
    """ Who publishes it. """
    reads: list[str]
    """ What it gets to see, as words of an open vocabulary such as `chat-messages`. What of it leaves the platform
    is
    one of the permissions. """
    secrets: list[PluginSecretBody]
    """ The secrets that it asks for. """
    state: str
    """ How far the version is trusted. """
    state_schema: int
    """ The version of what it remembers; across a change there is no automatic way back. """
    version: str
    """ Semantic version. """
    visibility: str
    """ Who sees the version: `public`, `private`, `partner`, or `development` (its tenant, which tries it out). """
    platform: None | str | Unset = UNSET
    """ The short word in place of the id, where there is one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changelog = self.changelog

        config_schema = self.config_schema

        description = self.description

        digest = self.digest

        id = self.id

        kind = self.kind

        license_ = self.license_

        limits = self.limits.to_dict()

        name = self.name

        permissions = []
        for permissions_item_data in self.permissions:
            permissions_item = permissions_item_data.to_dict()
            permissions.append(permissions_item)

        pricing = self.pricing

        publisher = self.publisher

        reads = self.reads

        secrets = []
        for secrets_item_data in self.secrets:
            secrets_item = secrets_item_data.to_dict()
            secrets.append(secrets_item)

        state = self.state

        state_schema = self.state_schema

        version = self.version

        visibility = self.visibility

        platform: None | str | Unset
        if isinstance(self.platform, Unset):
            platform = UNSET
        else:
            platform = self.platform

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changelog": changelog,
                "config_schema": config_schema,
                "description": description,
                "digest": digest,
                "id": id,
                "kind": kind,
                "license": license_,
                "limits": limits,
                "name": name,
                "permissions": permissions,
                "pricing": pricing,
                "publisher": publisher,
                "reads": reads,
                "secrets": secrets,
                "state": state,
                "state_schema": state_schema,
                "version": version,
                "visibility": visibility,
            }
        )
        if platform is not UNSET:
            field_dict["platform"] = platform

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.call_limits_body import CallLimitsBody  # noqa: PLC0415
        from ..models.permission_body import PermissionBody  # noqa: PLC0415
        from ..models.plugin_secret_body import PluginSecretBody  # noqa: PLC0415

        d = dict(src_dict)
        changelog = d.pop("changelog")

        config_schema = d.pop("config_schema")

        description = d.pop("description")

        digest = d.pop("digest")

        id = d.pop("id")

        kind = d.pop("kind")

        license_ = d.pop("license")

        limits = CallLimitsBody.from_dict(d.pop("limits"))

        name = d.pop("name")

        permissions = []
        _permissions = d.pop("permissions")
        for permissions_item_data in _permissions:
            permissions_item = PermissionBody.from_dict(permissions_item_data)

            permissions.append(permissions_item)

        pricing = d.pop("pricing")

        publisher = d.pop("publisher")

        reads = cast(list[str], d.pop("reads"))

        secrets = []
        _secrets = d.pop("secrets")
        for secrets_item_data in _secrets:
            secrets_item = PluginSecretBody.from_dict(secrets_item_data)

            secrets.append(secrets_item)

        state = d.pop("state")

        state_schema = d.pop("state_schema")

        version = d.pop("version")

        visibility = d.pop("visibility")

        def _parse_platform(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        platform = _parse_platform(d.pop("platform", UNSET))

        plugin_body = cls(
            changelog=changelog,
            config_schema=config_schema,
            description=description,
            digest=digest,
            id=id,
            kind=kind,
            license_=license_,
            limits=limits,
            name=name,
            permissions=permissions,
            pricing=pricing,
            publisher=publisher,
            reads=reads,
            secrets=secrets,
            state=state,
            state_schema=state_schema,
            version=version,
            visibility=visibility,
            platform=platform,
        )

        plugin_body.additional_properties = d
        return plugin_body

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
