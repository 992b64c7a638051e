from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PlaybackTokenBody")


@_attrs_define
class PlaybackTokenBody:
    """A playback token, shown once."""

    expires_at: datetime.datetime
    """ When it ends (RFC 3339). """
    playback_url: str
    """ Where players find the stream with this token. """
    rtmp_playback_url: str
    """ Where RTMP players find it. """
    token: str
    """ The token: a JWT. """
    token_id: UUID
    """ What to revoke it by. """
    watch_url: str
    """ The page that shows the stream with this token, which the browser keeps to itself. """
    ip_address: None | str | Unset = UNSET
    """ The one address that it is taken from. """
    viewer_id: None | str | Unset = UNSET
    """ Whom it is for. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_at = self.expires_at.isoformat()

        playback_url = self.playback_url

        rtmp_playback_url = self.rtmp_playback_url

        token = self.token

        token_id = str(self.token_id)

        watch_url = self.watch_url

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
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_at": expires_at,
                "playback_url": playback_url,
                "rtmp_playback_url": rtmp_playback_url,
                "token": token,
                "token_id": token_id,
                "watch_url": watch_url,
            }
        )
        if ip_address is not UNSET:
            field_dict["ip_address"] = ip_address
        if viewer_id is not UNSET:
            field_dict["viewer_id"] = viewer_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        playback_url = d.pop("playback_url")

        rtmp_playback_url = d.pop("rtmp_playback_url")

        token = d.pop("token")

        token_id = UUID(d.pop("token_id"))

        watch_url = d.pop("watch_url")

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

        playback_token_body = cls(
            expires_at=expires_at,
            playback_url=playback_url,
            rtmp_playback_url=rtmp_playback_url,
            token=token,
            token_id=token_id,
            watch_url=watch_url,
            ip_address=ip_address,
            viewer_id=viewer_id,
        )

        playback_token_body.additional_properties = d
        return playback_token_body

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
