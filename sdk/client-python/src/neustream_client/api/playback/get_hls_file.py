from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    playback_id: str,
    file: str,
    *,
    field_hls_msn: int | Unset = UNSET,
    field_hls_part: int | Unset = UNSET,
    field_hls_skip: str | Unset = UNSET,
    token: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["_HLS_msn"] = field_hls_msn

    params["_HLS_part"] = field_hls_part

    params["_HLS_skip"] = field_hls_skip

    params["token"] = token

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/hls/{playback_id}/{file}".format(
            playback_id=quote(str(playback_id), safe=""),
            file=quote(str(file), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | ErrorBody | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
        return response_200

    if response.status_code == 307:
        response_307 = cast(Any, None)
        return response_307

    if response.status_code == 400:
        response_400 = ErrorBody.from_dict(response.json())

        return response_400

    if response.status_code == 403:
        response_403 = ErrorBody.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorBody.from_dict(response.json())

        return response_404

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
    playback_id: str,
    file: str,
    *,
    client: AuthenticatedClient,
    field_hls_msn: int | Unset = UNSET,
    field_hls_part: int | Unset = UNSET,
    field_hls_skip: str | Unset = UNSET,
    token: str | Unset = UNSET,
) -> Response[Any | ErrorBody]:
    """Fetch a file of a stream's HLS presentation

     Start with `index.m3u8`. Blocking reload and delta updates as in RFC 8216bis §6.2.5. A source that
    is `token-only`
    wants a playback token: in the path (see `getHlsFileWithToken`), or as the parameter `token` of
    `index.m3u8`, which
    is answered with a redirect to the address with the token in its path.

    Args:
        playback_id (str):
        file (str):
        field_hls_msn (int | Unset):
        field_hls_part (int | Unset):
        field_hls_skip (str | Unset):
        token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorBody]
    """

    kwargs = _get_kwargs(
        playback_id=playback_id,
        file=file,
        field_hls_msn=field_hls_msn,
        field_hls_part=field_hls_part,
        field_hls_skip=field_hls_skip,
        token=token,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    playback_id: str,
    file: str,
    *,
    client: AuthenticatedClient,
    field_hls_msn: int | Unset = UNSET,
    field_hls_part: int | Unset = UNSET,
    field_hls_skip: str | Unset = UNSET,
    token: str | Unset = UNSET,
) -> Any | ErrorBody | None:
    """Fetch a file of a stream's HLS presentation

     Start with `index.m3u8`. Blocking reload and delta updates as in RFC 8216bis §6.2.5. A source that
    is `token-only`
    wants a playback token: in the path (see `getHlsFileWithToken`), or as the parameter `token` of
    `index.m3u8`, which
    is answered with a redirect to the address with the token in its path.

    Args:
        playback_id (str):
        file (str):
        field_hls_msn (int | Unset):
        field_hls_part (int | Unset):
        field_hls_skip (str | Unset):
        token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorBody
    """

    return sync_detailed(
        playback_id=playback_id,
        file=file,
        client=client,
        field_hls_msn=field_hls_msn,
        field_hls_part=field_hls_part,
        field_hls_skip=field_hls_skip,
        token=token,
    ).parsed


async def asyncio_detailed(
    playback_id: str,
    file: str,
    *,
    client: AuthenticatedClient,
    field_hls_msn: int | Unset = UNSET,
    field_hls_part: int | Unset = UNSET,
    field_hls_skip: str | Unset = UNSET,
    token: str | Unset = UNSET,
) -> Response[Any | ErrorBody]:
    """Fetch a file of a stream's HLS presentation

     Start with `index.m3u8`. Blocking reload and delta updates as in RFC 8216bis §6.2.5. A source that
    is `token-only`
    wants a playback token: in the path (see `getHlsFileWithToken`), or as the parameter `token` of
    `index.m3u8`, which
    is answered with a redirect to the address with the token in its path.

    Args:
        playback_id (str):
        file (str):
        field_hls_msn (int | Unset):
        field_hls_part (int | Unset):
        field_hls_skip (str | Unset):
        token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorBody]
    """

    kwargs = _get_kwargs(
        playback_id=playback_id,
        file=file,
        field_hls_msn=field_hls_msn,
        field_hls_part=field_hls_part,
        field_hls_skip=field_hls_skip,
        token=token,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    playback_id: str,
    file: str,
    *,
    client: AuthenticatedClient,
    field_hls_msn: int | Unset = UNSET,
    field_hls_part: int | Unset = UNSET,
    field_hls_skip: str | Unset = UNSET,
    token: str | Unset = UNSET,
) -> Any | ErrorBody | None:
    """Fetch a file of a stream's HLS presentation

     Start with `index.m3u8`. Blocking reload and delta updates as in RFC 8216bis §6.2.5. A source that
    is `token-only`
    wants a playback token: in the path (see `getHlsFileWithToken`), or as the parameter `token` of
    `index.m3u8`, which
    is answered with a redirect to the address with the token in its path.

    Args:
        playback_id (str):
        file (str):
        field_hls_msn (int | Unset):
        field_hls_part (int | Unset):
        field_hls_skip (str | Unset):
        token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorBody
    """

    return (
        await asyncio_detailed(
            playback_id=playback_id,
            file=file,
            client=client,
            field_hls_msn=field_hls_msn,
            field_hls_part=field_hls_part,
            field_hls_skip=field_hls_skip,
            token=token,
        )
    ).parsed
