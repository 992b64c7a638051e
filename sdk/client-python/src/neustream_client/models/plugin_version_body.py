from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.next_body import NextBody
    from ..models.plugin_body import PluginBody
    from ..models.version_body import VersionBody


T = TypeVar("T", bound="PluginVersionBody")


@_attrs_define
class PluginVersionBody:
    """One version of a plugin."""

    plugin: PluginBody
    """ A plugin, as one of its versions describes it. """
    version: VersionBody
    """ A version of a plugin. """
    next_: NextBody | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.next_body import NextBody  # noqa: PLC0415

        plugin = self.plugin.to_dict()

        version = self.version.to_dict()

        next_: dict[str, Any] | None | Unset
        if isinstance(self.next_, Unset):
            next_ = UNSET
        elif isinstance(self.next_, NextBody):
            next_ = self.next_.to_dict()
        else:
            next_ = self.next_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plugin": plugin,
                "version": version,
            }
        )
        if next_ is not UNSET:
            field_dict["next"] = next_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.next_body import NextBody  # noqa: PLC0415
        from ..models.plugin_body import PluginBody  # noqa: PLC0415
        from ..models.version_body import VersionBody  # noqa: PLC0415

        d = dict(src_dict)
        plugin = PluginBody.from_dict(d.pop("plugin"))

        version = VersionBody.from_dict(d.pop("version"))

        def _parse_next_(data: object) -> NextBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                next_type_0 = NextBody.from_dict(data)

                return next_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NextBody | None | Unset, data)

        next_ = _parse_next_(d.pop("next", UNSET))

        plugin_version_body = cls(
            plugin=plugin,
            version=version,
            next_=next_,
        )

        plugin_version_body.additional_properties = d
        return plugin_version_body

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
