from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.payer_action_body_parameters import PayerActionBodyParameters


T = TypeVar("T", bound="PayerActionBody")


@_attrs_define
class PayerActionBody:
    """What the payer must do."""

    parameters: PayerActionBodyParameters
    """ What the provider's script needs. """
    provider_id: str
    """ The provider's id of what was begun. """
    url: None | str | Unset = UNSET
    """ Where to send the payer; null when your page does it with `parameters`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        parameters = self.parameters.to_dict()

        provider_id = self.provider_id

        url: None | str | Unset
        if isinstance(self.url, Unset):
            url = UNSET
        else:
            url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "parameters": parameters,
                "provider_id": provider_id,
            }
        )
        if url is not UNSET:
            field_dict["url"] = url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.payer_action_body_parameters import PayerActionBodyParameters  # noqa: PLC0415

        d = dict(src_dict)
        parameters = PayerActionBodyParameters.from_dict(d.pop("parameters"))

        provider_id = d.pop("provider_id")

        def _parse_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        url = _parse_url(d.pop("url", UNSET))

        payer_action_body = cls(
            parameters=parameters,
            provider_id=provider_id,
            url=url,
        )

        payer_action_body.additional_properties = d
        return payer_action_body

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
