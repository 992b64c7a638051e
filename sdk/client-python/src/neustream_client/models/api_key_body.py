from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.api_key_limits_body import ApiKeyLimitsBody
    from ..models.former_key_body import FormerKeyBody


T = TypeVar("T", bound="ApiKeyBody")


@_attrs_define
class ApiKeyBody:
    """An API key."""

    app_id: UUID
    """ The app that it acts for. """
    created_at: datetime.datetime
    """ When it was made (RFC 3339). """
    hint: str
    """ How it begins, to tell keys apart. """
    id: UUID
    """ Its id. """
    limits: ApiKeyLimitsBody
    """ Requests that a key may make, where that is fewer than this host allows every key. """
    made_by: UUID
    """ Who made it. """
    name: str
    """ What you call it. """
    scopes: list[str]
    """ What it may do. """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When it ends by itself (RFC 3339); null for never. """
    former: FormerKeyBody | None | Unset = UNSET
    key: None | str | Unset = UNSET
    """ The key, for `Authorization: Bearer`: shown when it is made or rotated and never again. """
    last_used_at: datetime.datetime | None | Unset = UNSET
    """ When it was last used (RFC 3339), to some minutes; null for never. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.former_key_body import FormerKeyBody  # noqa: PLC0415

        app_id = str(self.app_id)

        created_at = self.created_at.isoformat()

        hint = self.hint

        id = str(self.id)

        limits = self.limits.to_dict()

        made_by = str(self.made_by)

        name = self.name

        scopes = self.scopes

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        former: dict[str, Any] | None | Unset
        if isinstance(self.former, Unset):
            former = UNSET
        elif isinstance(self.former, FormerKeyBody):
            former = self.former.to_dict()
        else:
            former = self.former

        key: None | str | Unset
        if isinstance(self.key, Unset):
            key = UNSET
        else:
            key = self.key

        last_used_at: None | str | Unset
        if isinstance(self.last_used_at, Unset):
            last_used_at = UNSET
        elif isinstance(self.last_used_at, datetime.datetime):
            last_used_at = self.last_used_at.isoformat()
        else:
            last_used_at = self.last_used_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "app_id": app_id,
                "created_at": created_at,
                "hint": hint,
                "id": id,
                "limits": limits,
                "made_by": made_by,
                "name": name,
                "scopes": scopes,
            }
        )
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if former is not UNSET:
            field_dict["former"] = former
        if key is not UNSET:
            field_dict["key"] = key
        if last_used_at is not UNSET:
            field_dict["last_used_at"] = last_used_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.api_key_limits_body import ApiKeyLimitsBody  # noqa: PLC0415
        from ..models.former_key_body import FormerKeyBody  # noqa: PLC0415

        d = dict(src_dict)
        app_id = UUID(d.pop("app_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        hint = d.pop("hint")

        id = UUID(d.pop("id"))

        limits = ApiKeyLimitsBody.from_dict(d.pop("limits"))

        made_by = UUID(d.pop("made_by"))

        name = d.pop("name")

        scopes = cast(list[str], d.pop("scopes"))

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

        def _parse_former(data: object) -> FormerKeyBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                former_type_0 = FormerKeyBody.from_dict(data)

                return former_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FormerKeyBody | None | Unset, data)

        former = _parse_former(d.pop("former", UNSET))

        def _parse_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        key = _parse_key(d.pop("key", UNSET))

        def _parse_last_used_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_used_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_used_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_used_at = _parse_last_used_at(d.pop("last_used_at", UNSET))

        api_key_body = cls(
            app_id=app_id,
            created_at=created_at,
            hint=hint,
            id=id,
            limits=limits,
            made_by=made_by,
            name=name,
            scopes=scopes,
            expires_at=expires_at,
            former=former,
            key=key,
            last_used_at=last_used_at,
        )

        api_key_body.additional_properties = d
        return api_key_body

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
