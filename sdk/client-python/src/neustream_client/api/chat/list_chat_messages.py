from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.chat_messages_body import ChatMessagesBody
from ...models.error_body import ErrorBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: UUID,
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
        "url": "/api/installations/{id}/messages".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChatMessagesBody | ErrorBody | None:
    if response.status_code == 200:
        response_200 = ChatMessagesBody.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = ErrorBody.from_dict(response.json())

        return response_404

    if response.status_code == 408:
        response_408 = ErrorBody.from_dict(response.json())

        return response_408

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
) -> Response[ChatMessagesBody | ErrorBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ChatMessagesBody | ErrorBody]:
    """List the messages of a platform's chat

    Args:
        id (UUID):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChatMessagesBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        id=id,
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
    id: UUID,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ChatMessagesBody | ErrorBody | None:
    """List the messages of a platform's chat

    Args:
        id (UUID):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChatMessagesBody | ErrorBody
    """

    return sync_detailed(
        id=id,
        client=client,
        limit=limit,
        cursor=cursor,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    ).parsed


async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[ChatMessagesBody | ErrorBody]:
    """List the messages of a platform's chat

    Args:
        id (UUID):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChatMessagesBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        id=id,
        limit=limit,
        cursor=cursor,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    cursor: str | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> ChatMessagesBody | ErrorBody | None:
    """List the messages of a platform's chat

    Args:
        id (UUID):
        limit (int | Unset):  Default: 100.
        cursor (str | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChatMessagesBody | ErrorBody
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            limit=limit,
            cursor=cursor,
            neustream_organisation=neustream_organisation,
            neustream_app=neustream_app,
        )
    ).parsed
