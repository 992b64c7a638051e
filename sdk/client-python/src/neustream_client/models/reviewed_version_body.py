from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.plugin_body import PluginBody
    from ..models.version_body import VersionBody


T = TypeVar("T", bound="ReviewedVersionBody")


@_attrs_define
class ReviewedVersionBody:
    """A version under review."""

    plugin: PluginBody
    """ A plugin, as one of its versions describes it. """
    version: VersionBody
    """ A version of a plugin. """
    owner_id: None | Unset | UUID = UNSET
    """ The tenant that published it; null for what came with the host. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plugin = self.plugin.to_dict()

        version = self.version.to_dict()

        owner_id: None | str | Unset
        if isinstance(self.owner_id, Unset):
            owner_id = UNSET
        elif isinstance(self.owner_id, UUID):
            owner_id = str(self.owner_id)
        else:
            owner_id = self.owner_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plugin": plugin,
                "version": version,
            }
        )
        if owner_id is not UNSET:
            field_dict["owner_id"] = owner_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plugin_body import PluginBody  # noqa: PLC0415
        from ..models.version_body import VersionBody  # noqa: PLC0415

        d = dict(src_dict)
        plugin = PluginBody.from_dict(d.pop("plugin"))

        version = VersionBody.from_dict(d.pop("version"))

        def _parse_owner_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                owner_id_type_0 = UUID(data)

                return owner_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        owner_id = _parse_owner_id(d.pop("owner_id", UNSET))

        reviewed_version_body = cls(
            plugin=plugin,
            version=version,
            owner_id=owner_id,
        )

        reviewed_version_body.additional_properties = d
        return reviewed_version_body

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
