from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.decision_body import DecisionBody
from ...models.error_body import ErrorBody
from ...models.review_body import ReviewBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    digest: str,
    decision: str,
    *,
    body: DecisionBody,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/admin/plugins/{digest}/{decision}".format(
            digest=quote(str(digest), safe=""),
            decision=quote(str(decision), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | ReviewBody | None:
    if response.status_code == 200:
        response_200 = ReviewBody.from_dict(response.json())

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
) -> Response[ErrorBody | ReviewBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    digest: str,
    decision: str,
    *,
    client: AuthenticatedClient,
    body: DecisionBody,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorBody | ReviewBody]:
    """Decide about a version

     A suspended or revoked version stops on every host within 5 seconds.

    Args:
        digest (str):
        decision (str):
        idempotency_key (str | Unset):
        body (DecisionBody): A decision.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | ReviewBody]
    """

    kwargs = _get_kwargs(
        digest=digest,
        decision=decision,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    digest: str,
    decision: str,
    *,
    client: AuthenticatedClient,
    body: DecisionBody,
    idempotency_key: str | Unset = UNSET,
) -> ErrorBody | ReviewBody | None:
    """Decide about a version

     A suspended or revoked version stops on every host within 5 seconds.

    Args:
        digest (str):
        decision (str):
        idempotency_key (str | Unset):
        body (DecisionBody): A decision.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | ReviewBody
    """

    return sync_detailed(
        digest=digest,
        decision=decision,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    digest: str,
    decision: str,
    *,
    client: AuthenticatedClient,
    body: DecisionBody,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorBody | ReviewBody]:
    """Decide about a version

     A suspended or revoked version stops on every host within 5 seconds.

    Args:
        digest (str):
        decision (str):
        idempotency_key (str | Unset):
        body (DecisionBody): A decision.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | ReviewBody]
    """

    kwargs = _get_kwargs(
        digest=digest,
        decision=decision,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    digest: str,
    decision: str,
    *,
    client: AuthenticatedClient,
    body: DecisionBody,
    idempotency_key: str | Unset = UNSET,
) -> ErrorBody | ReviewBody | None:
    """Decide about a version

     A suspended or revoked version stops on every host within 5 seconds.

    Args:
        digest (str):
        decision (str):
        idempotency_key (str | Unset):
        body (DecisionBody): A decision.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | ReviewBody
    """

    return (
        await asyncio_detailed(
            digest=digest,
            decision=decision,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
