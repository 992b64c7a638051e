import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...models.export_audit_log_format import ExportAuditLogFormat
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    actor: str | Unset = UNSET,
    action: str | Unset = UNSET,
    target_kind: str | Unset = UNSET,
    target: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    format_: ExportAuditLogFormat | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(neustream_organisation, Unset):
        headers["Neustream-Organisation"] = neustream_organisation

    if not isinstance(neustream_app, Unset):
        headers["Neustream-App"] = neustream_app

    params: dict[str, Any] = {}

    params["actor"] = actor

    params["action"] = action

    params["target_kind"] = target_kind

    params["target"] = target

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_until: str | Unset = UNSET
    if not isinstance(until, Unset):
        json_until = until.isoformat()
    params["until"] = json_until

    json_format_: dict[str, Any] | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_.to_dict()
    if not isinstance(json_format_, Unset):
        params.update(json_format_)

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/audit-log/export",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | str | None:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    if response.status_code == 400:
        response_400 = ErrorBody.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorBody.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorBody.from_dict(response.json())

        return response_403

    if response.status_code == 408:
        response_408 = ErrorBody.from_dict(response.json())

        return response_408

    if response.status_code == 422:
        response_422 = ErrorBody.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = ErrorBody.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ErrorBody.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = ErrorBody.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorBody | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    actor: str | Unset = UNSET,
    action: str | Unset = UNSET,
    target_kind: str | Unset = UNSET,
    target: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    format_: ExportAuditLogFormat | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ErrorBody | str]:
    """Export the audit log

     All entries that match, the oldest first, as a file.

    Args:
        actor (str | Unset):
        action (str | Unset):
        target_kind (str | Unset):
        target (str | Unset):
        from_ (datetime.datetime | Unset):
        until (datetime.datetime | Unset):
        format_ (ExportAuditLogFormat | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | str]
    """

    kwargs = _get_kwargs(
        actor=actor,
        action=action,
        target_kind=target_kind,
        target=target,
        from_=from_,
        until=until,
        format_=format_,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    actor: str | Unset = UNSET,
    action: str | Unset = UNSET,
    target_kind: str | Unset = UNSET,
    target: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    format_: ExportAuditLogFormat | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ErrorBody | str | None:
    """Export the audit log

     All entries that match, the oldest first, as a file.

    Args:
        actor (str | Unset):
        action (str | Unset):
        target_kind (str | Unset):
        target (str | Unset):
        from_ (datetime.datetime | Unset):
        until (datetime.datetime | Unset):
        format_ (ExportAuditLogFormat | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | str
    """

    return sync_detailed(
        client=client,
        actor=actor,
        action=action,
        target_kind=target_kind,
        target=target,
        from_=from_,
        until=until,
        format_=format_,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    actor: str | Unset = UNSET,
    action: str | Unset = UNSET,
    target_kind: str | Unset = UNSET,
    target: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    format_: ExportAuditLogFormat | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ErrorBody | str]:
    """Export the audit log

     All entries that match, the oldest first, as a file.

    Args:
        actor (str | Unset):
        action (str | Unset):
        target_kind (str | Unset):
        target (str | Unset):
        from_ (datetime.datetime | Unset):
        until (datetime.datetime | Unset):
        format_ (ExportAuditLogFormat | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | str]
    """

    kwargs = _get_kwargs(
        actor=actor,
        action=action,
        target_kind=target_kind,
        target=target,
        from_=from_,
        until=until,
        format_=format_,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    actor: str | Unset = UNSET,
    action: str | Unset = UNSET,
    target_kind: str | Unset = UNSET,
    target: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    format_: ExportAuditLogFormat | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ErrorBody | str | None:
    """Export the audit log

     All entries that match, the oldest first, as a file.

    Args:
        actor (str | Unset):
        action (str | Unset):
        target_kind (str | Unset):
        target (str | Unset):
        from_ (datetime.datetime | Unset):
        until (datetime.datetime | Unset):
        format_ (ExportAuditLogFormat | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | str
    """

    return (
        await asyncio_detailed(
            client=client,
            actor=actor,
            action=action,
            target_kind=target_kind,
            target=target,
            from_=from_,
            until=until,
            format_=format_,
            neustream_organisation=neustream_organisation,
            neustream_app=neustream_app,
        )
    ).parsed
