from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.connection_body import ConnectionBody
    from ..models.reason_body import ReasonBody


T = TypeVar("T", bound="ConnectorBody")


@_attrs_define
class ConnectorBody:
    """How a chat connector is doing."""

    connections: list[ConnectionBody]
    duplicates: int
    """ Messages that came again and were dropped. """
    messages: int
    """ Messages that were stored since the host started. """
    poison: int
    """ Events that were dropped because the connector failed at every attempt. """
    since: datetime.datetime
    """ Since when. """
    state: str
    """ `starting`, `running`, `retrying`, `failed` or `stopped`. """
    plugin_digest: None | str | Unset = UNSET
    """ The package that answered last. """
    reason: None | ReasonBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        connections = []
        for connections_item_data in self.connections:
            connections_item = connections_item_data.to_dict()
            connections.append(connections_item)

        duplicates = self.duplicates

        messages = self.messages

        poison = self.poison

        since = self.since.isoformat()

        state = self.state

        plugin_digest: None | str | Unset
        if isinstance(self.plugin_digest, Unset):
            plugin_digest = UNSET
        else:
            plugin_digest = self.plugin_digest

        reason: dict[str, Any] | None | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, ReasonBody):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "connections": connections,
                "duplicates": duplicates,
                "messages": messages,
                "poison": poison,
                "since": since,
                "state": state,
            }
        )
        if plugin_digest is not UNSET:
            field_dict["plugin_digest"] = plugin_digest
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.connection_body import ConnectionBody  # noqa: PLC0415
        from ..models.reason_body import ReasonBody  # noqa: PLC0415

        d = dict(src_dict)
        connections = []
        _connections = d.pop("connections")
        for connections_item_data in _connections:
            connections_item = ConnectionBody.from_dict(connections_item_data)

            connections.append(connections_item)

        duplicates = d.pop("duplicates")

        messages = d.pop("messages")

        poison = d.pop("poison")

        since = datetime.datetime.fromisoformat(d.pop("since"))

        state = d.pop("state")

        def _parse_plugin_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        plugin_digest = _parse_plugin_digest(d.pop("plugin_digest", UNSET))

        def _parse_reason(data: object) -> None | ReasonBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = ReasonBody.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReasonBody | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        connector_body = cls(
            connections=connections,
            duplicates=duplicates,
            messages=messages,
            poison=poison,
            since=since,
            state=state,
            plugin_digest=plugin_digest,
            reason=reason,
        )

        connector_body.additional_properties = d
        return connector_body

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
