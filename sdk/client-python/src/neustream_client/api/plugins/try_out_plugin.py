from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.development_body import DevelopmentBody
from ...models.error_body import ErrorBody
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    namespace: str,
    name: str,
    *,
    body: File,
    installation: UUID | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(neustream_organisation, Unset):
        headers["Neustream-Organisation"] = neustream_organisation

    if not isinstance(neustream_app, Unset):
        headers["Neustream-App"] = neustream_app

    params: dict[str, Any] = {}

    json_installation: str | Unset = UNSET
    if not isinstance(installation, Unset):
        json_installation = str(installation)
    params["installation"] = json_installation

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/plugins/{namespace}/{name}/development".format(
            namespace=quote(str(namespace), safe=""),
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }

    _kwargs["content"] = body.payload
    headers["Content-Type"] = "application/wasm"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DevelopmentBody | ErrorBody | None:
    if response.status_code == 200:
        response_200 = DevelopmentBody.from_dict(response.json())

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

    if response.status_code == 413:
        response_413 = ErrorBody.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = ErrorBody.from_dict(response.json())

        return response_415

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
) -> Response[DevelopmentBody | ErrorBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    namespace: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: File,
    installation: UUID | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[DevelopmentBody | ErrorBody]:
    """Try out a plugin that you develop

     The body is the package, signed or not. It is looked over like an upload, belongs to your tenant
    alone, and may come
    again and again under one version number; the last three are kept. Your installation of the plugin
    runs it from
    the next call on where its grant covers it; what else it needs is answered.

    Args:
        namespace (str):
        name (str):
        installation (UUID | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DevelopmentBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        name=name,
        body=body,
        installation=installation,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    namespace: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: File,
    installation: UUID | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> DevelopmentBody | ErrorBody | None:
    """Try out a plugin that you develop

     The body is the package, signed or not. It is looked over like an upload, belongs to your tenant
    alone, and may come
    again and again under one version number; the last three are kept. Your installation of the plugin
    runs it from
    the next call on where its grant covers it; what else it needs is answered.

    Args:
        namespace (str):
        name (str):
        installation (UUID | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DevelopmentBody | ErrorBody
    """

    return sync_detailed(
        namespace=namespace,
        name=name,
        client=client,
        body=body,
        installation=installation,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    ).parsed


async def asyncio_detailed(
    namespace: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: File,
    installation: UUID | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> Response[DevelopmentBody | ErrorBody]:
    """Try out a plugin that you develop

     The body is the package, signed or not. It is looked over like an upload, belongs to your tenant
    alone, and may come
    again and again under one version number; the last three are kept. Your installation of the plugin
    runs it from
    the next call on where its grant covers it; what else it needs is answered.

    Args:
        namespace (str):
        name (str):
        installation (UUID | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DevelopmentBody | ErrorBody]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        name=name,
        body=body,
        installation=installation,
        neustream_organisation=neustream_organisation,
        neustream_app=neustream_app,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    namespace: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: File,
    installation: UUID | Unset = UNSET,
    neustream_organisation: UUID | Unset = UNSET,
    neustream_app: UUID | Unset = UNSET,
) -> DevelopmentBody | ErrorBody | None:
    """Try out a plugin that you develop

     The body is the package, signed or not. It is looked over like an upload, belongs to your tenant
    alone, and may come
    again and again under one version number; the last three are kept. Your installation of the plugin
    runs it from
    the next call on where its grant covers it; what else it needs is answered.

    Args:
        namespace (str):
        name (str):
        installation (UUID | Unset):
        neustream_organisation (UUID | Unset):
        neustream_app (UUID | Unset):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DevelopmentBody | ErrorBody
    """

    return (
        await asyncio_detailed(
            namespace=namespace,
            name=name,
            client=client,
            body=body,
            installation=installation,
            neustream_organisation=neustream_organisation,
            neustream_app=neustream_app,
        )
    ).parsed
