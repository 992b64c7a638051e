from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.second_publisher_body import SecondPublisherBody
from ..models.visibility_body import VisibilityBody
from ..types import UNSET, Unset

T = TypeVar("T", bound="SourceChangeBody")


@_attrs_define
class SourceChangeBody:
    """What changes about a source; what is left out stays."""

    description: None | str | Unset = UNSET
    """ Its description. """
    is_encrypted: bool | None | Unset = UNSET
    """ Whether segments of its HLS stream are encrypted (AES-128). Holds from the next segment on. """
    name: None | str | Unset = UNSET
    """ Its name. """
    reconnect_window_s: int | None | Unset = UNSET
    """ Seconds that destinations and viewers are kept when the publisher vanishes. """
    second_publisher: None | SecondPublisherBody | Unset = UNSET
    visibility: None | Unset | VisibilityBody = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        is_encrypted: bool | None | Unset
        if isinstance(self.is_encrypted, Unset):
            is_encrypted = UNSET
        else:
            is_encrypted = self.is_encrypted

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        reconnect_window_s: int | None | Unset
        if isinstance(self.reconnect_window_s, Unset):
            reconnect_window_s = UNSET
        else:
            reconnect_window_s = self.reconnect_window_s

        second_publisher: None | str | Unset
        if isinstance(self.second_publisher, Unset):
            second_publisher = UNSET
        elif isinstance(self.second_publisher, SecondPublisherBody):
            second_publisher = self.second_publisher.value
        else:
            second_publisher = self.second_publisher

        visibility: None | str | Unset
        if isinstance(self.visibility, Unset):
            visibility = UNSET
        elif isinstance(self.visibility, VisibilityBody):
            visibility = self.visibility.value
        else:
            visibility = self.visibility

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if description is not UNSET:
            field_dict["description"] = description
        if is_encrypted is not UNSET:
            field_dict["is_encrypted"] = is_encrypted
        if name is not UNSET:
            field_dict["name"] = name
        if reconnect_window_s is not UNSET:
            field_dict["reconnect_window_s"] = reconnect_window_s
        if second_publisher is not UNSET:
            field_dict["second_publisher"] = second_publisher
        if visibility is not UNSET:
            field_dict["visibility"] = visibility

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_is_encrypted(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_encrypted = _parse_is_encrypted(d.pop("is_encrypted", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_reconnect_window_s(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        reconnect_window_s = _parse_reconnect_window_s(
            d.pop("reconnect_window_s", UNSET)
        )

        def _parse_second_publisher(data: object) -> None | SecondPublisherBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                second_publisher_type_0 = SecondPublisherBody(data)

                return second_publisher_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SecondPublisherBody | Unset, data)

        second_publisher = _parse_second_publisher(d.pop("second_publisher", UNSET))

        def _parse_visibility(data: object) -> None | Unset | VisibilityBody:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                visibility_type_0 = VisibilityBody(data)

                return visibility_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VisibilityBody, data)

        visibility = _parse_visibility(d.pop("visibility", UNSET))

        source_change_body = cls(
            description=description,
            is_encrypted=is_encrypted,
            name=name,
            reconnect_window_s=reconnect_window_s,
            second_publisher=second_publisher,
            visibility=visibility,
        )

        source_change_body.additional_properties = d
        return source_change_body

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
