from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.account_body import AccountBody
    from ..models.pagination_body import PaginationBody


T = TypeVar("T", bound="AccountsBody")


@_attrs_define
class AccountsBody:
    """A page of accounts, newest first."""

    pagination: PaginationBody
    """ Where a page stands among all of them. """
    users: list[AccountBody]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pagination = self.pagination.to_dict()

        users = []
        for users_item_data in self.users:
            users_item = users_item_data.to_dict()
            users.append(users_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pagination": pagination,
                "users": users,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.account_body import AccountBody  # noqa: PLC0415
        from ..models.pagination_body import PaginationBody  # noqa: PLC0415

        d = dict(src_dict)
        pagination = PaginationBody.from_dict(d.pop("pagination"))

        users = []
        _users = d.pop("users")
        for users_item_data in _users:
            users_item = AccountBody.from_dict(users_item_data)

            users.append(users_item)

        accounts_body = cls(
            pagination=pagination,
            users=users,
        )

        accounts_body.additional_properties = d
        return accounts_body

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
