from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.user_body import UserBody


T = TypeVar("T", bound="ProfileBody")


@_attrs_define
class ProfileBody:
    """Who is signed in."""

    has_password: bool
    """ Whether the account has a password; without one it is signed in to through a provider. """
    second_factor: bool
    """ Whether signing in takes a second factor. """
    user: UserBody
    """ A user. """
    impersonated_by: None | Unset | UUID = UNSET
    """ The administrator who acts in the place of the person; null for the person. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        has_password = self.has_password

        second_factor = self.second_factor

        user = self.user.to_dict()

        impersonated_by: None | str | Unset
        if isinstance(self.impersonated_by, Unset):
            impersonated_by = UNSET
        elif isinstance(self.impersonated_by, UUID):
            impersonated_by = str(self.impersonated_by)
        else:
            impersonated_by = self.impersonated_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "has_password": has_password,
                "second_factor": second_factor,
                "user": user,
            }
        )
        if impersonated_by is not UNSET:
            field_dict["impersonated_by"] = impersonated_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        has_password = d.pop("has_password")

        second_factor = d.pop("second_factor")

        user = UserBody.from_dict(d.pop("user"))

        def _parse_impersonated_by(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                impersonated_by_type_0 = UUID(data)

                return impersonated_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        impersonated_by = _parse_impersonated_by(d.pop("impersonated_by", UNSET))

        profile_body = cls(
            has_password=has_password,
            second_factor=second_factor,
            user=user,
            impersonated_by=impersonated_by,
        )

        profile_body.additional_properties = d
        return profile_body

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
