from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AuditVerificationBody")


@_attrs_define
class AuditVerificationBody:
    """Whether the log is as it was written."""

    entries: int
    """ Entries that were looked at. """
    forgotten_sequence: int
    """ Entries up to this one were forgotten when the time was over that they are kept. """
    head_hash: str
    """ Its hash. Kept elsewhere, it shows later that everything up to it is still what it was. """
    head_sequence: int
    """ The last entry; 0 where there is none. """
    is_intact: bool
    """ Whether every entry is there, unchanged, and follows the one before it. """
    problem: None | str | Unset = UNSET
    """ What is wrong first; null where nothing is. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        entries = self.entries

        forgotten_sequence = self.forgotten_sequence

        head_hash = self.head_hash

        head_sequence = self.head_sequence

        is_intact = self.is_intact

        problem: None | str | Unset
        if isinstance(self.problem, Unset):
            problem = UNSET
        else:
            problem = self.problem

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "entries": entries,
                "forgotten_sequence": forgotten_sequence,
                "head_hash": head_hash,
                "head_sequence": head_sequence,
                "is_intact": is_intact,
            }
        )
        if problem is not UNSET:
            field_dict["problem"] = problem

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        entries = d.pop("entries")

        forgotten_sequence = d.pop("forgotten_sequence")

        head_hash = d.pop("head_hash")

        head_sequence = d.pop("head_sequence")

        is_intact = d.pop("is_intact")

        def _parse_problem(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        problem = _parse_problem(d.pop("problem", UNSET))

        audit_verification_body = cls(
            entries=entries,
            forgotten_sequence=forgotten_sequence,
            head_hash=head_hash,
            head_sequence=head_sequence,
            is_intact=is_intact,
            problem=problem,
        )

        audit_verification_body.additional_properties = d
        return audit_verification_body

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
