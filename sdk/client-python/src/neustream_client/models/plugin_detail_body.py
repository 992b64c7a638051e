from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.figures_body import FiguresBody
    from ..models.plugin_body import PluginBody
    from ..models.version_body import VersionBody


T = TypeVar("T", bound="PluginDetailBody")


@_attrs_define
class PluginDetailBody:
    """One plugin with its versions."""

    figures: FiguresBody
    """ How a plugin does over all tenants. """
    plugin: PluginBody
    """ A plugin, as one of its versions describes it. """
    versions: list[VersionBody]
    """ The versions to choose from, the best first; for its publisher also those that cannot be installed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        figures = self.figures.to_dict()

        plugin = self.plugin.to_dict()

        versions = []
        for versions_item_data in self.versions:
            versions_item = versions_item_data.to_dict()
            versions.append(versions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "figures": figures,
                "plugin": plugin,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.figures_body import FiguresBody  # noqa: PLC0415
        from ..models.plugin_body import PluginBody  # noqa: PLC0415
        from ..models.version_body import VersionBody  # noqa: PLC0415

        d = dict(src_dict)
        figures = FiguresBody.from_dict(d.pop("figures"))

        plugin = PluginBody.from_dict(d.pop("plugin"))

        versions = []
        _versions = d.pop("versions")
        for versions_item_data in _versions:
            versions_item = VersionBody.from_dict(versions_item_data)

            versions.append(versions_item)

        plugin_detail_body = cls(
            figures=figures,
            plugin=plugin,
            versions=versions,
        )

        plugin_detail_body.additional_properties = d
        return plugin_detail_body

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
