from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.checked_limits_body_type_0 import CheckedLimitsBodyType0
    from ..models.checked_limits_body_type_1 import CheckedLimitsBodyType1
    from ..models.checked_limits_body_type_2 import CheckedLimitsBodyType2
    from ..models.checked_limits_body_type_3 import CheckedLimitsBodyType3


T = TypeVar("T", bound="CheckedBody")


@_attrs_define
class CheckedBody:
    """Whether there is room."""

    allowed: bool
    """ Whether the operation would be let through now. """
    limits: (
        CheckedLimitsBodyType0
        | CheckedLimitsBodyType1
        | CheckedLimitsBodyType2
        | CheckedLimitsBodyType3
    )
    """ The limits that an operation meets; null where there is none. """
    upgrade_url: None | str | Unset = UNSET
    """ Where there is more, when it would not be; null where nobody said. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.checked_limits_body_type_0 import CheckedLimitsBodyType0  # noqa: PLC0415
        from ..models.checked_limits_body_type_1 import CheckedLimitsBodyType1  # noqa: PLC0415
        from ..models.checked_limits_body_type_2 import CheckedLimitsBodyType2  # noqa: PLC0415

        allowed = self.allowed

        limits: dict[str, Any]
        if isinstance(self.limits, CheckedLimitsBodyType0):
            limits = self.limits.to_dict()
        elif isinstance(self.limits, CheckedLimitsBodyType1):
            limits = self.limits.to_dict()
        elif isinstance(self.limits, CheckedLimitsBodyType2):
            limits = self.limits.to_dict()
        else:
            limits = self.limits.to_dict()

        upgrade_url: None | str | Unset
        if isinstance(self.upgrade_url, Unset):
            upgrade_url = UNSET
        else:
            upgrade_url = self.upgrade_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "allowed": allowed,
                "limits": limits,
            }
        )
        if upgrade_url is not UNSET:
            field_dict["upgrade_url"] = upgrade_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.checked_limits_body_type_0 import CheckedLimitsBodyType0  # noqa: PLC0415
        from ..models.checked_limits_body_type_1 import CheckedLimitsBodyType1  # noqa: PLC0415
        from ..models.checked_limits_body_type_2 import CheckedLimitsBodyType2  # noqa: PLC0415
        from ..models.checked_limits_body_type_3 import CheckedLimitsBodyType3  # noqa: PLC0415

        d = dict(src_dict)
        allowed = d.pop("allowed")

        def _parse_limits(
            data: object,
        ) -> (
            CheckedLimitsBodyType0
            | CheckedLimitsBodyType1
            | CheckedLimitsBodyType2
            | CheckedLimitsBodyType3
        ):
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_checked_limits_body_type_0 = (
                    CheckedLimitsBodyType0.from_dict(data)
                )

                return componentsschemas_checked_limits_body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_checked_limits_body_type_1 = (
                    CheckedLimitsBodyType1.from_dict(data)
                )

                return componentsschemas_checked_limits_body_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_checked_limits_body_type_2 = (
                    CheckedLimitsBodyType2.from_dict(data)
                )

                return componentsschemas_checked_limits_body_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            componentsschemas_checked_limits_body_type_3 = (
                CheckedLimitsBodyType3.from_dict(data)
            )

            return componentsschemas_checked_limits_body_type_3

        limits = _parse_limits(d.pop("limits"))

        def _parse_upgrade_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        upgrade_url = _parse_upgrade_url(d.pop("upgrade_url", UNSET))

        checked_body = cls(
            allowed=allowed,
            limits=limits,
            upgrade_url=upgrade_url,
        )

        checked_body.additional_properties = d
        return checked_body

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
