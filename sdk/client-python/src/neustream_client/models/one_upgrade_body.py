from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.upgrade_body import UpgradeBody


T = TypeVar("T", bound="OneUpgradeBody")


@_attrs_define
class OneUpgradeBody:
    """The upgrade that waits, if one does."""

    upgrade: None | Unset | UpgradeBody = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.upgrade_body import UpgradeBody  # noqa: PLC0415

        upgrade: dict[str, Any] | None | Unset
        if isinstance(self.upgrade, Unset):
            upgrade = UNSET
        elif isinstance(self.upgrade, UpgradeBody):
            upgrade = self.upgrade.to_dict()
        else:
            upgrade = self.upgrade

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if upgrade is not UNSET:
            field_dict["upgrade"] = upgrade

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.upgrade_body import UpgradeBody  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_upgrade(data: object) -> None | Unset | UpgradeBody:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                upgrade_type_0 = UpgradeBody.from_dict(data)

                return upgrade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UpgradeBody, data)

        upgrade = _parse_upgrade(d.pop("upgrade", UNSET))

        one_upgrade_body = cls(
            upgrade=upgrade,
        )

        one_upgrade_body.additional_properties = d
        return one_upgrade_body

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
