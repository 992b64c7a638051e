from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RolloutBody")


@_attrs_define
class RolloutBody:
    """How far a version has gone out to installations that are upgraded automatically."""

    digest: str
    """ `sha256:<hex>` of the package. """
    plugin: str
    """ `namespace/name`. """
    ring: int
    """ The ring that it has reached: 1, 10 or 100 (per cent). """
    rolled_back: int
    """ Automatic rollbacks from it in the same time. """
    since: datetime.datetime
    """ Since when (RFC 3339). """
    upgraded: int
    """ Automatic upgrades to it since it began, or was last let go on. """
    halted: None | str | Unset = UNSET
    """ Why it goes no further; null while it does. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        digest = self.digest

        plugin = self.plugin

        ring = self.ring

        rolled_back = self.rolled_back

        since = self.since.isoformat()

        upgraded = self.upgraded

        halted: None | str | Unset
        if isinstance(self.halted, Unset):
            halted = UNSET
        else:
            halted = self.halted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "digest": digest,
                "plugin": plugin,
                "ring": ring,
                "rolled_back": rolled_back,
                "since": since,
                "upgraded": upgraded,
            }
        )
        if halted is not UNSET:
            field_dict["halted"] = halted

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        digest = d.pop("digest")

        plugin = d.pop("plugin")

        ring = d.pop("ring")

        rolled_back = d.pop("rolled_back")

        since = datetime.datetime.fromisoformat(d.pop("since"))

        upgraded = d.pop("upgraded")

        def _parse_halted(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        halted = _parse_halted(d.pop("halted", UNSET))

        rollout_body = cls(
            digest=digest,
            plugin=plugin,
            ring=ring,
            rolled_back=rolled_back,
            since=since,
            upgraded=upgraded,
            halted=halted,
        )

        rollout_body.additional_properties = d
        return rollout_body

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
