from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SecretConnectionBody")


@_attrs_define
class SecretConnectionBody:
    """A connected account, or one to be connected."""

    label: str
    """ Its name for people. """
    missing_scopes: list[str]
    """ Those that the account has not been asked for yet. """
    redirect_uri: str
    """ What must be registered at the provider, letter by letter. """
    scopes: list[str]
    """ What the plugin asks for and the tenant granted. """
    secret: str
    """ The secret's name in the manifest. """
    state: str
    """ `connected`, `consent-needed` (it was connected, and must be again) or `not-connected`. """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When the token ends; the host renews it before (RFC 3339). """
    renewed_at: datetime.datetime | None | Unset = UNSET
    """ When the account was connected, or its token was last renewed (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        label = self.label

        missing_scopes = self.missing_scopes

        redirect_uri = self.redirect_uri

        scopes = self.scopes

        secret = self.secret

        state = self.state

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        renewed_at: None | str | Unset
        if isinstance(self.renewed_at, Unset):
            renewed_at = UNSET
        elif isinstance(self.renewed_at, datetime.datetime):
            renewed_at = self.renewed_at.isoformat()
        else:
            renewed_at = self.renewed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "label": label,
                "missing_scopes": missing_scopes,
                "redirect_uri": redirect_uri,
                "scopes": scopes,
                "secret": secret,
                "state": state,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if renewed_at is not UNSET:
            field_dict["renewed_at"] = renewed_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        label = d.pop("label")

        missing_scopes = cast(list[str], d.pop("missing_scopes"))

        redirect_uri = d.pop("redirect_uri")

        scopes = cast(list[str], d.pop("scopes"))

        secret = d.pop("secret")

        state = d.pop("state")

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_renewed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                renewed_at_type_0 = datetime.datetime.fromisoformat(data)

                return renewed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        renewed_at = _parse_renewed_at(d.pop("renewed_at", UNSET))

        secret_connection_body = cls(
            label=label,
            missing_scopes=missing_scopes,
            redirect_uri=redirect_uri,
            scopes=scopes,
            secret=secret,
            state=state,
            expires_at=expires_at,
            renewed_at=renewed_at,
        )

        secret_connection_body.additional_properties = d
        return secret_connection_body

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
