from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.user_body import UserBody


T = TypeVar("T", bound="SignInBody")


@_attrs_define
class SignInBody:
    """A sign-in."""

    expires_in: int
    """ Seconds until the access token expires. """
    refresh_token: str
    """ Exchanged, once, for the next sign-in at `/api/auth/refresh`. """
    token: str
    """ The access token, for `Authorization: Bearer`. """
    user: UserBody
    """ A user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_in = self.expires_in

        refresh_token = self.refresh_token

        token = self.token

        user = self.user.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_in": expires_in,
                "refresh_token": refresh_token,
                "token": token,
                "user": user,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        expires_in = d.pop("expires_in")

        refresh_token = d.pop("refresh_token")

        token = d.pop("token")

        user = UserBody.from_dict(d.pop("user"))

        sign_in_body = cls(
            expires_in=expires_in,
            refresh_token=refresh_token,
            token=token,
            user=user,
        )

        sign_in_body.additional_properties = d
        return sign_in_body

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
