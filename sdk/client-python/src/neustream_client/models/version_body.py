from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.check_body import CheckBody
    from ..models.difference_body import DifferenceBody


T = TypeVar("T", bound="VersionBody")


@_attrs_define
class VersionBody:
    """A version of a plugin."""

    changelog: str
    """ What it brings; may be empty. """
    created_at: datetime.datetime
    """ When it was brought (RFC 3339). """
    difference: DifferenceBody
    """ What a version changes against the one before it. """
    digest: str
    """ `sha256:<hex>` of the package. """
    reason: str
    """ Why it is in this state; may be empty. """
    size_bytes: int
    """ Bytes of the package. """
    state: str
    """ `draft`, `development`, `scanned`, `reviewed`, `verified`, `suspended` or `revoked`. """
    version: str
    """ Semantic version. """
    visibility: str
    """ `public`, `private`, `partner` or `development`. """
    scan: list[CheckBody] | None | Unset = UNSET
    """ What the scan found; only for its publisher and the platform. """
    signed_by: None | str | Unset = UNSET
    """ Whose key signed it; null for what came with the host. """
    verified_at: datetime.datetime | None | Unset = UNSET
    """ When a review was first concluded (RFC 3339). """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changelog = self.changelog

        created_at = self.created_at.isoformat()

        difference = self.difference.to_dict()

        digest = self.digest

        reason = self.reason

        size_bytes = self.size_bytes

        state = self.state

        version = self.version

        visibility = self.visibility

        scan: list[dict[str, Any]] | None | Unset
        if isinstance(self.scan, Unset):
            scan = UNSET
        elif isinstance(self.scan, list):
            scan = []
            for scan_type_0_item_data in self.scan:
                scan_type_0_item = scan_type_0_item_data.to_dict()
                scan.append(scan_type_0_item)

        else:
            scan = self.scan

        signed_by: None | str | Unset
        if isinstance(self.signed_by, Unset):
            signed_by = UNSET
        else:
            signed_by = self.signed_by

        verified_at: None | str | Unset
        if isinstance(self.verified_at, Unset):
            verified_at = UNSET
        elif isinstance(self.verified_at, datetime.datetime):
            verified_at = self.verified_at.isoformat()
        else:
            verified_at = self.verified_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changelog": changelog,
                "created_at": created_at,
                "difference": difference,
                "digest": digest,
                "reason": reason,
                "size_bytes": size_bytes,
                "state": state,
                "version": version,
                "visibility": visibility,
            }
        )
        if scan is not UNSET:
            field_dict["scan"] = scan
        if signed_by is not UNSET:
            field_dict["signed_by"] = signed_by
        if verified_at is not UNSET:
            field_dict["verified_at"] = verified_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_body import CheckBody  # noqa: PLC0415
        from ..models.difference_body import DifferenceBody  # noqa: PLC0415

        d = dict(src_dict)
        changelog = d.pop("changelog")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        difference = DifferenceBody.from_dict(d.pop("difference"))

        digest = d.pop("digest")

        reason = d.pop("reason")

        size_bytes = d.pop("size_bytes")

        state = d.pop("state")

        version = d.pop("version")

        visibility = d.pop("visibility")

        def _parse_scan(data: object) -> list[CheckBody] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                scan_type_0 = []
                _scan_type_0 = data
                for scan_type_0_item_data in _scan_type_0:
                    scan_type_0_item = CheckBody.from_dict(scan_type_0_item_data)

                    scan_type_0.append(scan_type_0_item)

                return scan_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CheckBody] | None | Unset, data)

        scan = _parse_scan(d.pop("scan", UNSET))

        def _parse_signed_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        signed_by = _parse_signed_by(d.pop("signed_by", UNSET))

        def _parse_verified_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verified_at_type_0 = datetime.datetime.fromisoformat(data)

                return verified_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        verified_at = _parse_verified_at(d.pop("verified_at", UNSET))

        version_body = cls(
            changelog=changelog,
            created_at=created_at,
            difference=difference,
            digest=digest,
            reason=reason,
            size_bytes=size_bytes,
            state=state,
            version=version,
            visibility=visibility,
            scan=scan,
            signed_by=signed_by,
            verified_at=verified_at,
        )

        version_body.additional_properties = d
        return version_body

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
