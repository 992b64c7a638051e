from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.pins_body_pins import PinsBodyPins


T = TypeVar("T", bound="PinsBody")


@_attrs_define
class PinsBody:
    """The only versions of plugins that your tenants may install."""

    pins: PinsBodyPins
    """ Digests by plugin. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pins = self.pins.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pins": pins,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pins_body_pins import PinsBodyPins  # noqa: PLC0415

        d = dict(src_dict)
        pins = PinsBodyPins.from_dict(d.pop("pins"))

        pins_body = cls(
            pins=pins,
        )

        pins_body.additional_properties = d
        return pins_body

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
