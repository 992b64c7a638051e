from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.permission_body import PermissionBody


T = TypeVar("T", bound="DifferenceBody")


@_attrs_define
class DifferenceBody:
    """What a version changes against the one before it."""

    config_breaks: list[str]
    """ Places of the configuration where what fitted before may not fit any more. """
    more_permissions: list[PermissionBody]
    """ What it asks for beyond the version before. """
    before: None | str | Unset = UNSET
    """ The version before; null for the first. """
    state_schema_before: int | None | Unset = UNSET
    """ The state schema of the version before, where it is another one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        config_breaks = self.config_breaks

        more_permissions = []
        for more_permissions_item_data in self.more_permissions:
            more_permissions_item = more_permissions_item_data.to_dict()
            more_permissions.append(more_permissions_item)

        before: None | str | Unset
        if isinstance(self.before, Unset):
            before = UNSET
        else:
            before = self.before

        state_schema_before: int | None | Unset
        if isinstance(self.state_schema_before, Unset):
            state_schema_before = UNSET
        else:
            state_schema_before = self.state_schema_before

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "config_breaks": config_breaks,
                "more_permissions": more_permissions,
            }
        )
        if before is not UNSET:
            field_dict["before"] = before
        if state_schema_before is not UNSET:
            field_dict["state_schema_before"] = state_schema_before

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.permission_body import PermissionBody  # noqa: PLC0415

        d = dict(src_dict)
        config_breaks = cast(list[str], d.pop("config_breaks"))

        more_permissions = []
        _more_permissions = d.pop("more_permissions")
        for more_permissions_item_data in _more_permissions:
            more_permissions_item = PermissionBody.from_dict(more_permissions_item_data)

            more_permissions.append(more_permissions_item)

        def _parse_before(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        before = _parse_before(d.pop("before", UNSET))

        def _parse_state_schema_before(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        state_schema_before = _parse_state_schema_before(
            d.pop("state_schema_before", UNSET)
        )

        difference_body = cls(
            config_breaks=config_breaks,
            more_permissions=more_permissions,
            before=before,
            state_schema_before=state_schema_before,
        )

        difference_body.additional_properties = d
        return difference_body

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
