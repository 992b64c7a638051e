from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...models.pre_flight_body import PreFlightBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: UUID,
    *,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(neustream_organisation, Unset):
        headers["Neustream-Organisation"] = neustream_organisation

    if not isinstance(neustream_app, Unset):
        headers["Neustream-App"] = neustream_app

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/sources/{id}/pre-flight".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | PreFlightBody | None:
    if response.status_code == 200:
        response_200 = PreFlightBody.from_dict(response.json())

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

    if response.status_code == 409:
        response_409 = ErrorBody.from_dict(response.json())

        return response_409

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
) -> Response[ErrorBody | PreFlightBody]:
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
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorBody | PreFlightBody]:
    """Check whether a source is ready to go on air

     What the encoder sends is held against what each destination accepts; each destination that is
    switched on is asked
    where it would be pushed to, and the server there whether it takes a publication under the key (it
    gets no media, and
    nobody sees it). A destination that is live has answered already. Takes up to 8 seconds. At most 30
    a minute.

    Args:
        id (UUID):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        idempotency_key (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | PreFlightBody]
    """

    kwargs = _get_kwargs(
        id=id,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ErrorBody | PreFlightBody | None:
    """Check whether a source is ready to go on air

     What the encoder sends is held against what each destination accepts; each destination that is
    switched on is asked
    where it would be pushed to, and the server there whether it takes a publication under the key (it
    gets no media, and
    nobody sees it). A destination that is live has answered already. Takes up to 8 seconds. At most 30
    a minute.

    Args:
        id (UUID):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        idempotency_key (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | PreFlightBody
    """

    return sync_detailed(
        id=id,
        client=client,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorBody | PreFlightBody]:
    """Check whether a source is ready to go on air

     What the encoder sends is held against what each destination accepts; each destination that is
    switched on is asked
    where it would be pushed to, and the server there whether it takes a publication under the key (it
    gets no media, and
    nobody sees it). A destination that is live has answered already. Takes up to 8 seconds. At most 30
    a minute.

    Args:
        id (UUID):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        idempotency_key (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | PreFlightBody]
    """

    kwargs = _get_kwargs(
        id=id,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ErrorBody | PreFlightBody | None:
    """Check whether a source is ready to go on air

     What the encoder sends is held against what each destination accepts; each destination that is
    switched on is asked
    where it would be pushed to, and the server there whether it takes a publication under the key (it
    gets no media, and
    nobody sees it). A destination that is live has answered already. Takes up to 8 seconds. At most 30
    a minute.

    Args:
        id (UUID):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        idempotency_key (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | PreFlightBody
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            neustream_organisation=neustream_organisation,
            neustream_app=neustream_app,
            idempotency_key=idempotency_key,
        )
    ).parsed
