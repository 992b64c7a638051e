from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    namespace: str,
    name: str,
    secret: str,
    *,
    state: str | Unset = UNSET,
    code: str | Unset = UNSET,
    error: str | Unset = UNSET,
    iss: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["state"] = state

    params["code"] = code

    params["error"] = error

    params["iss"] = iss

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/oauth/callback/{namespace}/{name}/{secret}".format(
            namespace=quote(str(namespace), safe=""),
            name=quote(str(name), safe=""),
            secret=quote(str(secret), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | ErrorBody | None:
    if response.status_code == 303:
        response_303 = cast(Any, None)
        return response_303

    if response.status_code == 400:
        response_400 = ErrorBody.from_dict(response.json())

        return response_400

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
) -> Response[Any | ErrorBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    namespace: str,
    name: str,
    secret: str,
    *,
    client: AuthenticatedClient | Client,
    state: str | Unset = UNSET,
    code: str | Unset = UNSET,
    error: str | Unset = UNSET,
    iss: str | Unset = UNSET,
) -> Response[Any | ErrorBody]:
    """Come back from a provider

     Opened by a browser that the provider has sent; leads on to the dashboard, whatever came of it.

    Args:
        namespace (str):
        name (str):
        secret (str):
        state (str | Unset):
        code (str | Unset):
        error (str | Unset):
        iss (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorBody]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        name=name,
        secret=secret,
        state=state,
        code=code,
        error=error,
        iss=iss,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    namespace: str,
    name: str,
    secret: str,
    *,
    client: AuthenticatedClient | Client,
    state: str | Unset = UNSET,
    code: str | Unset = UNSET,
    error: str | Unset = UNSET,
    iss: str | Unset = UNSET,
) -> Any | ErrorBody | None:
    """Come back from a provider

     Opened by a browser that the provider has sent; leads on to the dashboard, whatever came of it.

    Args:
        namespace (str):
        name (str):
        secret (str):
        state (str | Unset):
        code (str | Unset):
        error (str | Unset):
        iss (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorBody
    """

    return sync_detailed(
        namespace=namespace,
        name=name,
        secret=secret,
        client=client,
        state=state,
        code=code,
        error=error,
        iss=iss,
    ).parsed


async def asyncio_detailed(
    namespace: str,
    name: str,
    secret: str,
    *,
    client: AuthenticatedClient | Client,
    state: str | Unset = UNSET,
    code: str | Unset = UNSET,
    error: str | Unset = UNSET,
    iss: str | Unset = UNSET,
) -> Response[Any | ErrorBody]:
    """Come back from a provider

     Opened by a browser that the provider has sent; leads on to the dashboard, whatever came of it.

    Args:
        namespace (str):
        name (str):
        secret (str):
        state (str | Unset):
        code (str | Unset):
        error (str | Unset):
        iss (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorBody]
    """

    kwargs = _get_kwargs(
        namespace=namespace,
        name=name,
        secret=secret,
        state=state,
        code=code,
        error=error,
        iss=iss,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    namespace: str,
    name: str,
    secret: str,
    *,
    client: AuthenticatedClient | Client,
    state: str | Unset = UNSET,
    code: str | Unset = UNSET,
    error: str | Unset = UNSET,
    iss: str | Unset = UNSET,
) -> Any | ErrorBody | None:
    """Come back from a provider

     Opened by a browser that the provider has sent; leads on to the dashboard, whatever came of it.

    Args:
        namespace (str):
        name (str):
        secret (str):
        state (str | Unset):
        code (str | Unset):
        error (str | Unset):
        iss (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorBody
    """

    return (
        await asyncio_detailed(
            namespace=namespace,
            name=name,
            secret=secret,
            client=client,
            state=state,
            code=code,
            error=error,
            iss=iss,
        )
    ).parsed
