from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.config_error_body import ConfigErrorBody
    from ..models.package_body import PackageBody
    from ..models.permission_body import PermissionBody
    from ..models.replay_body import ReplayBody
    from ..models.state_schema_body import StateSchemaBody


T = TypeVar("T", bound="UpgradeBody")


@_attrs_define
class UpgradeBody:
    """What an upgrade would change."""

    automatic: bool
    """ Whether it needs no consent of yours. """
    changelog: str
    """ What the version brings; may be empty. """
    config_errors: list[ConfigErrorBody]
    """ What is wrong with the configuration by the new schema. """
    from_: PackageBody
    """ A package. """
    missing_secrets: list[str]
    """ Secrets that it cannot do without and the former version could. """
    permissions: list[PermissionBody]
    """ What it asks for that you neither granted nor declined before: answer with `grant`. """
    replay: ReplayBody
    """ How the new version did with what happened. """
    to: PackageBody
    """ A package. """
    state_schema: None | StateSchemaBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.state_schema_body import StateSchemaBody  # noqa: PLC0415

        automatic = self.automatic

        changelog = self.changelog

        config_errors = []
        for config_errors_item_data in self.config_errors:
            config_errors_item = config_errors_item_data.to_dict()
            config_errors.append(config_errors_item)

        from_ = self.from_.to_dict()

        missing_secrets = self.missing_secrets

        permissions = []
        for permissions_item_data in self.permissions:
            permissions_item = permissions_item_data.to_dict()
            permissions.append(permissions_item)

        replay = self.replay.to_dict()

        to = self.to.to_dict()

        state_schema: dict[str, Any] | None | Unset
        if isinstance(self.state_schema, Unset):
            state_schema = UNSET
        elif isinstance(self.state_schema, StateSchemaBody):
            state_schema = self.state_schema.to_dict()
        else:
            state_schema = self.state_schema

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "automatic": automatic,
                "changelog": changelog,
                "config_errors": config_errors,
                "from": from_,
                "missing_secrets": missing_secrets,
                "permissions": permissions,
                "replay": replay,
                "to": to,
            }
        )
        if state_schema is not UNSET:
            field_dict["state_schema"] = state_schema

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.config_error_body import ConfigErrorBody  # noqa: PLC0415
        from ..models.package_body import PackageBody  # noqa: PLC0415
        from ..models.permission_body import PermissionBody  # noqa: PLC0415
        from ..models.replay_body import ReplayBody  # noqa: PLC0415
        from ..models.state_schema_body import StateSchemaBody  # noqa: PLC0415

        d = dict(src_dict)
        automatic = d.pop("automatic")

        changelog = d.pop("changelog")

        config_errors = []
        _config_errors = d.pop("config_errors")
        for config_errors_item_data in _config_errors:
            config_errors_item = ConfigErrorBody.from_dict(config_errors_item_data)

            config_errors.append(config_errors_item)

        from_ = PackageBody.from_dict(d.pop("from"))

        missing_secrets = cast(list[str], d.pop("missing_secrets"))

        permissions = []
        _permissions = d.pop("permissions")
        for permissions_item_data in _permissions:
            permissions_item = PermissionBody.from_dict(permissions_item_data)

            permissions.append(permissions_item)

        replay = ReplayBody.from_dict(d.pop("replay"))

        to = PackageBody.from_dict(d.pop("to"))

        def _parse_state_schema(data: object) -> None | StateSchemaBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                state_schema_type_0 = StateSchemaBody.from_dict(data)

                return state_schema_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StateSchemaBody | Unset, data)

        state_schema = _parse_state_schema(d.pop("state_schema", UNSET))

        upgrade_body = cls(
            automatic=automatic,
            changelog=changelog,
            config_errors=config_errors,
            from_=from_,
            missing_secrets=missing_secrets,
            permissions=permissions,
            replay=replay,
            to=to,
            state_schema=state_schema,
        )

        upgrade_body.additional_properties = d
        return upgrade_body

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
