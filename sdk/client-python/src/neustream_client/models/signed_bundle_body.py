from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.signed_bundle_body_bundle import SignedBundleBodyBundle


T = TypeVar("T", bound="SignedBundleBody")


@_attrs_define
class SignedBundleBody:
    """A signed bundle. `examples/partner-bundle` shows how one is made."""

    bundle: SignedBundleBodyBundle
    """ The document. """
    key: str
    """ Whose key signed it: a current one of your namespace. """
    signature: str
    """ Over the document's canonical form (sorted keys, no white space), in hexadecimal. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bundle = self.bundle.to_dict()

        key = self.key

        signature = self.signature

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bundle": bundle,
                "key": key,
                "signature": signature,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.signed_bundle_body_bundle import SignedBundleBodyBundle  # noqa: PLC0415

        d = dict(src_dict)
        bundle = SignedBundleBodyBundle.from_dict(d.pop("bundle"))

        key = d.pop("key")

        signature = d.pop("signature")

        signed_bundle_body = cls(
            bundle=bundle,
            key=key,
            signature=signature,
        )

        signed_bundle_body.additional_properties = d
        return signed_bundle_body

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
