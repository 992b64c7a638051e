from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.granted_permission_body import GrantedPermissionBody
    from ..models.installation_body_config import InstallationBodyConfig
    from ..models.installation_body_secrets import InstallationBodySecrets
    from ..models.problem_body import ProblemBody


T = TypeVar("T", bound="InstallationBody")


@_attrs_define
class InstallationBody:
    """A plugin in your tenant."""

    auto_upgrade: bool
    """ Whether new versions come by themselves, where they need no consent. """
    config: InstallationBodyConfig
    """ Its configuration. """
    connected: list[str]
    """ The secrets that you have connected an account for. """
    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    development: bool
    """ Whether it runs a version that you develop: no ring, no review, yours alone. """
    digest: str
    """ `sha256:<hex>` of the package that it runs. """
    enabled: bool
    """ Whether it is switched on. """
    grant: list[str]
    """ The permission keys that are granted. """
    id: UUID
    """ Its id. """
    kind: str
    """ What it is for: `destination`, `chat`, `moderation` or `payment`. """
    name: str
    """ What you call it; may be empty. """
    permissions: list[GrantedPermissionBody]
    """ What the plugin asks for. """
    plugin: str
    """ The plugin. """
    plugin_name: str
    """ The plugin's name. """
    problems: list[ProblemBody]
    """ What it lacks. """
    reason: str
    """ Why the package was suspended or revoked; may be empty. """
    ring: int
    """ How early it gets new versions: 1, 10 or 100 (per cent). """
    ring_chosen: bool
    """ Whether you chose the ring. """
    secrets: InstallationBodySecrets
    """ Which pasted secrets are set, by name. """
    state: str
    """ `ready`, `needs-configuration`, `disabled`, `suspended` or `revoked`. """
    updated_at: datetime.datetime
    """ When it was last changed (RFC 3339). """
    version: str
    """ The version that it runs. """
    config_schema: Any | Unset = UNSET
    """ JSON Schema of its configuration; not in lists. """
    on_failure: None | str | Unset = UNSET
    """ For moderation: what becomes of messages that it does not judge. """
    position: int | None | Unset = UNSET
    """ For moderation: its place among your filters; lower ones judge first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        auto_upgrade = self.auto_upgrade

        config = self.config.to_dict()

        connected = self.connected

        created_at = self.created_at.isoformat()

        development = self.development

        digest = self.digest

        enabled = self.enabled

        grant = self.grant

        id = str(self.id)

        kind = self.kind

        name = self.name

        permissions = []
        for permissions_item_data in self.permissions:
            permissions_item = permissions_item_data.to_dict()
            permissions.append(permissions_item)

        plugin = self.plugin

        plugin_name = self.plugin_name

        problems = []
        for problems_item_data in self.problems:
            problems_item = problems_item_data.to_dict()
            problems.append(problems_item)

        reason = self.reason

        ring = self.ring

        ring_chosen = self.ring_chosen

        secrets = self.secrets.to_dict()

        state = self.state

        updated_at = self.updated_at.isoformat()

        version = self.version

        config_schema = self.config_schema

        on_failure: None | str | Unset
        if isinstance(self.on_failure, Unset):
            on_failure = UNSET
        else:
            on_failure = self.on_failure

        position: int | None | Unset
        if isinstance(self.position, Unset):
            position = UNSET
        else:
            position = self.position

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "auto_upgrade": auto_upgrade,
                "config": config,
                "connected": connected,
                "created_at": created_at,
                "development": development,
                "digest": digest,
                "enabled": enabled,
                "grant": grant,
                "id": id,
                "kind": kind,
                "name": name,
                "permissions": permissions,
                "plugin": plugin,
                "plugin_name": plugin_name,
                "problems": problems,
                "reason": reason,
                "ring": ring,
                "ring_chosen": ring_chosen,
                "secrets": secrets,
                "state": state,
                "updated_at": updated_at,
                "version": version,
            }
        )
        if config_schema is not UNSET:
            field_dict["config_schema"] = config_schema
        if on_failure is not UNSET:
            field_dict["on_failure"] = on_failure
        if position is not UNSET:
            field_dict["position"] = position

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.granted_permission_body import GrantedPermissionBody  # noqa: PLC0415
        from ..models.installation_body_config import InstallationBodyConfig  # noqa: PLC0415
        from ..models.installation_body_secrets import InstallationBodySecrets  # noqa: PLC0415
        from ..models.problem_body import ProblemBody  # noqa: PLC0415

        d = dict(src_dict)
        auto_upgrade = d.pop("auto_upgrade")

        config = InstallationBodyConfig.from_dict(d.pop("config"))

        connected = cast(list[str], d.pop("connected"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        development = d.pop("development")

        digest = d.pop("digest")

        enabled = d.pop("enabled")

        grant = cast(list[str], d.pop("grant"))

        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        name = d.pop("name")

        permissions = []
        _permissions = d.pop("permissions")
        for permissions_item_data in _permissions:
            permissions_item = GrantedPermissionBody.from_dict(permissions_item_data)

            permissions.append(permissions_item)

        plugin = d.pop("plugin")

        plugin_name = d.pop("plugin_name")

        problems = []
        _problems = d.pop("problems")
        for problems_item_data in _problems:
            problems_item = ProblemBody.from_dict(problems_item_data)

            problems.append(problems_item)

        reason = d.pop("reason")

        ring = d.pop("ring")

        ring_chosen = d.pop("ring_chosen")

        secrets = InstallationBodySecrets.from_dict(d.pop("secrets"))

        state = d.pop("state")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        version = d.pop("version")

        config_schema = d.pop("config_schema", UNSET)

        def _parse_on_failure(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        on_failure = _parse_on_failure(d.pop("on_failure", UNSET))

        def _parse_position(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        position = _parse_position(d.pop("position", UNSET))

        installation_body = cls(
            auto_upgrade=auto_upgrade,
            config=config,
            connected=connected,
            created_at=created_at,
            development=development,
            digest=digest,
            enabled=enabled,
            grant=grant,
            id=id,
            kind=kind,
            name=name,
            permissions=permissions,
            plugin=plugin,
            plugin_name=plugin_name,
            problems=problems,
            reason=reason,
            ring=ring,
            ring_chosen=ring_chosen,
            secrets=secrets,
            state=state,
            updated_at=updated_at,
            version=version,
            config_schema=config_schema,
            on_failure=on_failure,
            position=position,
        )

        installation_body.additional_properties = d
        return installation_body

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
