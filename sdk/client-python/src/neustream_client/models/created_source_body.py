from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.limits_body import LimitsBody
    from ..models.source_body import SourceBody


T = TypeVar("T", bound="CreatedSourceBody")


@_attrs_define
class CreatedSourceBody:
    """A new source."""

    limits: LimitsBody
    """ What the organisation may still make; null where there is no limit. """
    source: SourceBody
    """ A source. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        limits = self.limits.to_dict()

        source = self.source.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "limits": limits,
                "source": source,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.limits_body import LimitsBody  # noqa: PLC0415
        from ..models.source_body import SourceBody  # noqa: PLC0415

        d = dict(src_dict)
        limits = LimitsBody.from_dict(d.pop("limits"))

        source = SourceBody.from_dict(d.pop("source"))

        created_source_body = cls(
            limits=limits,
            source=source,
        )

        created_source_body.additional_properties = d
        return created_source_body

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
