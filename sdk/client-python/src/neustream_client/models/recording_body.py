from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_body import ReasonBody
    from ..models.verdict_body import VerdictBody


T = TypeVar("T", bound="RecordingBody")


@_attrs_define
class RecordingBody:
    """What a filter was asked and answered, and what it answers when it is asked again."""

    at: datetime.datetime
    """ When it judged. """
    batch: int
    """ Messages that were judged together. """
    id: UUID
    """ The recording's id. """
    installation_id: UUID
    """ The filter that judged. """
    plugin_digest: str
    """ The package that judged. """
    fault: None | ReasonBody | Unset = UNSET
    is_equal: bool | None | Unset = UNSET
    """ Whether the same package gives the same again, byte for byte; null when it may not run any more. """
    verdict: None | Unset | VerdictBody = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415
        from ..models.verdict_body import VerdictBody  # noqa: PLC0415

        at = self.at.isoformat()

        batch = self.batch

        id = str(self.id)

        installation_id = str(self.installation_id)

        plugin_digest = self.plugin_digest

        fault: dict[str, Any] | None | Unset
        if isinstance(self.fault, Unset):
            fault = UNSET
        elif isinstance(self.fault, ReasonBody):
            fault = self.fault.to_dict()
        else:
            fault = self.fault

        is_equal: bool | None | Unset
        if isinstance(self.is_equal, Unset):
            is_equal = UNSET
        else:
            is_equal = self.is_equal

        verdict: dict[str, Any] | None | Unset
        if isinstance(self.verdict, Unset):
            verdict = UNSET
        elif isinstance(self.verdict, VerdictBody):
            verdict = self.verdict.to_dict()
        else:
            verdict = self.verdict

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "batch": batch,
                "id": id,
                "installation_id": installation_id,
                "plugin_digest": plugin_digest,
            }
        )
        if fault is not UNSET:
            field_dict["fault"] = fault
        if is_equal is not UNSET:
            field_dict["is_equal"] = is_equal
        if verdict is not UNSET:
            field_dict["verdict"] = verdict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415
        from ..models.verdict_body import VerdictBody  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        batch = d.pop("batch")

        id = UUID(d.pop("id"))

        installation_id = UUID(d.pop("installation_id"))

        plugin_digest = d.pop("plugin_digest")

        def _parse_fault(data: object) -> None | ReasonBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                fault_type_0 = ReasonBody.from_dict(data)

                return fault_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReasonBody | Unset, data)

        fault = _parse_fault(d.pop("fault", UNSET))

        def _parse_is_equal(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_equal = _parse_is_equal(d.pop("is_equal", UNSET))

        def _parse_verdict(data: object) -> None | Unset | VerdictBody:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                verdict_type_0 = VerdictBody.from_dict(data)

                return verdict_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VerdictBody, data)

        verdict = _parse_verdict(d.pop("verdict", UNSET))

        recording_body = cls(
            at=at,
            batch=batch,
            id=id,
            installation_id=installation_id,
            plugin_digest=plugin_digest,
            fault=fault,
            is_equal=is_equal,
            verdict=verdict,
        )

        recording_body.additional_properties = d
        return recording_body

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
