from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FormerPackageBody")


@_attrs_define
class FormerPackageBody:
    """A package that the installation can go back to."""

    digest: str
    """ `sha256:<hex>`. """
    replaced_at: datetime.datetime
    """ When it was replaced (RFC 3339). """
    replaced_by: str
    """ What replaced it: `ring`, `watch` or a user's id. """
    state_schema: int
    """ Its state schema. """
    version: str
    """ Its version. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        digest = self.digest

        replaced_at = self.replaced_at.isoformat()

        replaced_by = self.replaced_by

        state_schema = self.state_schema

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "digest": digest,
                "replaced_at": replaced_at,
                "replaced_by": replaced_by,
                "state_schema": state_schema,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        digest = d.pop("digest")

        replaced_at = datetime.datetime.fromisoformat(d.pop("replaced_at"))

        replaced_by = d.pop("replaced_by")

        state_schema = d.pop("state_schema")

        version = d.pop("version")

        former_package_body = cls(
            digest=digest,
            replaced_at=replaced_at,
            replaced_by=replaced_by,
            state_schema=state_schema,
            version=version,
        )

        former_package_body.additional_properties = d
        return former_package_body

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
