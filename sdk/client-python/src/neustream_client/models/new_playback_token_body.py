from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="NewPlaybackTokenBody")


@_attrs_define
class NewPlaybackTokenBody:
    """A playback token to be made."""

    expires_in_s: int | None | Unset = UNSET
    """ Seconds until it ends; an hour when left out. The operator sets how long is longest, a day by default. """
    ip_address: None | str | Unset = UNSET
    """ The one address that it is taken from, IPv4 or IPv6; from everywhere when left out. """
    viewer_id: None | str | Unset = UNSET
    """ Whom it is for, in your own words: shown nowhere, but all tokens of one viewer can be revoked together. """

    def to_dict(self) -> dict[str, Any]:
        expires_in_s: int | None | Unset
        if isinstance(self.expires_in_s, Unset):
            expires_in_s = UNSET
        else:
            expires_in_s = self.expires_in_s

        ip_address: None | str | Unset
        if isinstance(self.ip_address, Unset):
            ip_address = UNSET
        else:
            ip_address = self.ip_address

        viewer_id: None | str | Unset
        if isinstance(self.viewer_id, Unset):
            viewer_id = UNSET
        else:
            viewer_id = self.viewer_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if expires_in_s is not UNSET:
            field_dict["expires_in_s"] = expires_in_s
        if ip_address is not UNSET:
            field_dict["ip_address"] = ip_address
        if viewer_id is not UNSET:
            field_dict["viewer_id"] = viewer_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_expires_in_s(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expires_in_s = _parse_expires_in_s(d.pop("expires_in_s", UNSET))

        def _parse_ip_address(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ip_address = _parse_ip_address(d.pop("ip_address", UNSET))

        def _parse_viewer_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        viewer_id = _parse_viewer_id(d.pop("viewer_id", UNSET))

        new_playback_token_body = cls(
            expires_in_s=expires_in_s,
            ip_address=ip_address,
            viewer_id=viewer_id,
        )

        return new_playback_token_body
