from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.charges_body import ChargesBody
from ...models.error_body import ErrorBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(neustream_organisation, Unset):
        headers["Neustream-Organisation"] = neustream_organisation

    if not isinstance(neustream_app, Unset):
        headers["Neustream-App"] = neustream_app

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/charges",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChargesBody | ErrorBody | None:
    if response.status_code == 200:
        response_200 = ChargesBody.from_dict(response.json())

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
) -> Response[ChargesBody | ErrorBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ChargesBody | ErrorBody]:
    """List charges

    Args:
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChargesBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        limit=limit,
        cursor=cursor,
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
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ChargesBody | ErrorBody | None:
    """List charges

    Args:
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChargesBody | ErrorBody
    """

    return sync_detailed(
        client=client,
        limit=limit,
        cursor=cursor,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ChargesBody | ErrorBody]:
    """List charges

    Args:
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChargesBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        limit=limit,
        cursor=cursor,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ChargesBody | ErrorBody | None:
    """List charges

    Args:
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChargesBody | ErrorBody
    """

    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            cursor=cursor,
            neustream_organisation=neustream_organisation,
            neustream_app=neustream_app,
        )
    ).parsed
