from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.installation_body import InstallationBody
    from ..models.needs_body import NeedsBody
    from ..models.next_body import NextBody
    from ..models.plugin_body import PluginBody
    from ..models.version_body import VersionBody


T = TypeVar("T", bound="DevelopmentBody")


@_attrs_define
class DevelopmentBody:
    """A development version and what became of it."""

    needs: NeedsBody
    """ What a version needs of its tenant. """
    next_: NextBody
    """ What happens next with a version. """
    plugin: PluginBody
    """ A plugin, as one of its versions describes it. """
    switched: bool
    """ Whether the installation runs the version. """
    version: VersionBody
    """ A version of a plugin. """
    installation: InstallationBody | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.installation_body import InstallationBody  # noqa: PLC0415

        needs = self.needs.to_dict()

        next_ = self.next_.to_dict()

        plugin = self.plugin.to_dict()

        switched = self.switched

        version = self.version.to_dict()

        installation: dict[str, Any] | None | Unset
        if isinstance(self.installation, Unset):
            installation = UNSET
        elif isinstance(self.installation, InstallationBody):
            installation = self.installation.to_dict()
        else:
            installation = self.installation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "needs": needs,
                "next": next_,
                "plugin": plugin,
                "switched": switched,
                "version": version,
            }
        )
        if installation is not UNSET:
            field_dict["installation"] = installation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.installation_body import InstallationBody  # noqa: PLC0415
        from ..models.needs_body import NeedsBody  # noqa: PLC0415
        from ..models.next_body import NextBody  # noqa: PLC0415
        from ..models.plugin_body import PluginBody  # noqa: PLC0415
        from ..models.version_body import VersionBody  # noqa: PLC0415

        d = dict(src_dict)
        needs = NeedsBody.from_dict(d.pop("needs"))

        next_ = NextBody.from_dict(d.pop("next"))

        plugin = PluginBody.from_dict(d.pop("plugin"))

        switched = d.pop("switched")

        version = VersionBody.from_dict(d.pop("version"))

        def _parse_installation(data: object) -> InstallationBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                installation_type_0 = InstallationBody.from_dict(data)

                return installation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(InstallationBody | None | Unset, data)

        installation = _parse_installation(d.pop("installation", UNSET))

        development_body = cls(
            needs=needs,
            next_=next_,
            plugin=plugin,
            switched=switched,
            version=version,
            installation=installation,
        )

        development_body.additional_properties = d
        return development_body

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
