from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.egress_body import EgressBody
    from ..models.fault_body import FaultBody
    from ..models.limit_warning_body import LimitWarningBody


T = TypeVar("T", bound="ActivityDayBody")


@_attrs_define
class ActivityDayBody:
    """A day."""

    calls: int
    """ Calls that reached the plugin. """
    cpu_us: int
    """ CPU time of all calls in microseconds. """
    dropped_log_lines: int
    """ Log lines that were dropped for the rate. """
    egress: list[EgressBody]
    """ What left the platform, by host. """
    errors: int
    """ Calls that it answered with an error, faults not counted. """
    faults: int
    """ Traps, time-outs and limits. """
    memory_peak_bytes: int
    """ The most memory that an instance had. """
    p50_us: int
    """ Time of a call in microseconds: median. """
    p95_us: int
    """ 95 of 100 calls took at most so long. """
    p99_us: int
    """ 99 of 100 calls took at most so long. """
    warnings: list[LimitWarningBody]
    """ Limits that were used to 80 % or more. """
    day: datetime.datetime
    """ When the day began (RFC 3339, UTC). """
    last_fault: FaultBody | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.fault_body import FaultBody  # noqa: PLC0415

        calls = self.calls

        cpu_us = self.cpu_us

        dropped_log_lines = self.dropped_log_lines

        egress = []
        for egress_item_data in self.egress:
            egress_item = egress_item_data.to_dict()
            egress.append(egress_item)

        errors = self.errors

        faults = self.faults

        memory_peak_bytes = self.memory_peak_bytes

        p50_us = self.p50_us

        p95_us = self.p95_us

        p99_us = self.p99_us

        warnings = []
        for warnings_item_data in self.warnings:
            warnings_item = warnings_item_data.to_dict()
            warnings.append(warnings_item)

        day = self.day.isoformat()

        last_fault: dict[str, Any] | None | Unset
        if isinstance(self.last_fault, Unset):
            last_fault = UNSET
        elif isinstance(self.last_fault, FaultBody):
            last_fault = self.last_fault.to_dict()
        else:
            last_fault = self.last_fault

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "calls": calls,
                "cpu_us": cpu_us,
                "dropped_log_lines": dropped_log_lines,
                "egress": egress,
                "errors": errors,
                "faults": faults,
                "memory_peak_bytes": memory_peak_bytes,
                "p50_us": p50_us,
                "p95_us": p95_us,
                "p99_us": p99_us,
                "warnings": warnings,
                "day": day,
            }
        )
        if last_fault is not UNSET:
            field_dict["last_fault"] = last_fault

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.egress_body import EgressBody  # noqa: PLC0415
        from ..models.fault_body import FaultBody  # noqa: PLC0415
        from ..models.limit_warning_body import LimitWarningBody  # noqa: PLC0415

        d = dict(src_dict)
        calls = d.pop("calls")

        cpu_us = d.pop("cpu_us")

        dropped_log_lines = d.pop("dropped_log_lines")

        egress = []
        _egress = d.pop("egress")
        for egress_item_data in _egress:
            egress_item = EgressBody.from_dict(egress_item_data)

            egress.append(egress_item)

        errors = d.pop("errors")

        faults = d.pop("faults")

        memory_peak_bytes = d.pop("memory_peak_bytes")

        p50_us = d.pop("p50_us")

        p95_us = d.pop("p95_us")

        p99_us = d.pop("p99_us")

        warnings = []
        _warnings = d.pop("warnings")
        for warnings_item_data in _warnings:
            warnings_item = LimitWarningBody.from_dict(warnings_item_data)

            warnings.append(warnings_item)

        day = datetime.datetime.fromisoformat(d.pop("day"))

        def _parse_last_fault(data: object) -> FaultBody | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                last_fault_type_0 = FaultBody.from_dict(data)

                return last_fault_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FaultBody | None | Unset, data)

        last_fault = _parse_last_fault(d.pop("last_fault", UNSET))

        activity_day_body = cls(
            calls=calls,
            cpu_us=cpu_us,
            dropped_log_lines=dropped_log_lines,
            egress=egress,
            errors=errors,
            faults=faults,
            memory_peak_bytes=memory_peak_bytes,
            p50_us=p50_us,
            p95_us=p95_us,
            p99_us=p99_us,
            warnings=warnings,
            day=day,
            last_fault=last_fault,
        )

        activity_day_body.additional_properties = d
        return activity_day_body

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
