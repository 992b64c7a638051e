from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AuthorizeBody")


@_attrs_define
class AuthorizeBody:
    """Where to come back to."""

    return_to: None | str | Unset = UNSET
    """ A path of this host. The result is appended to its query: `oauth` (`connected` or `failed`), `code` (why it
    failed), `installation`, `secret`. """

    def to_dict(self) -> dict[str, Any]:
        return_to: None | str | Unset
        if isinstance(self.return_to, Unset):
            return_to = UNSET
        else:
            return_to = self.return_to

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if return_to is not UNSET:
            field_dict["return_to"] = return_to

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_return_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        return_to = _parse_return_to(d.pop("return_to", UNSET))

        authorize_body = cls(
            return_to=return_to,
        )

        return authorize_body
