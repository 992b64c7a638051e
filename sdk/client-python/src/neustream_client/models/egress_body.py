from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="EgressBody")


@_attrs_define
class EgressBody:
    """What went to one host, and what came back."""

    bytes_in: int
    """ Bytes received. """
    bytes_out: int
    """ Bytes sent. """
    host: str
    """ The host. """
    requests: int
    """ Requests made, or connections opened. """
    secrets: list[str]
    """ Names of the secrets that went along. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bytes_in = self.bytes_in

        bytes_out = self.bytes_out

        host = self.host

        requests = self.requests

        secrets = self.secrets

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bytes_in": bytes_in,
                "bytes_out": bytes_out,
                "host": host,
                "requests": requests,
                "secrets": secrets,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        bytes_in = d.pop("bytes_in")

        bytes_out = d.pop("bytes_out")

        host = d.pop("host")

        requests = d.pop("requests")

        secrets = cast(list[str], d.pop("secrets"))

        egress_body = cls(
            bytes_in=bytes_in,
            bytes_out=bytes_out,
            host=host,
            requests=requests,
            secrets=secrets,
        )

        egress_body.additional_properties = d
        return egress_body

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
