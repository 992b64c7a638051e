from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_body import ErrorBody
from ...models.one_plan_body import OnePlanBody
from ...models.plan_terms_body import PlanTermsBody
from ...types import Response


def _get_kwargs(
    plan: str,
    *,
    body: PlanTermsBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/admin/plans/{plan}".format(
            plan=quote(str(plan), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | OnePlanBody | None:
    if response.status_code == 200:
        response_200 = OnePlanBody.from_dict(response.json())

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
) -> Response[ErrorBody | OnePlanBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    plan: str,
    *,
    client: AuthenticatedClient,
    body: PlanTermsBody,
) -> Response[ErrorBody | OnePlanBody]:
    """Make a plan, or change it

     A change holds at once for everybody who is on the plan. Who has more than it gives keeps that, but
    makes no more.

    Args:
        plan (str):
        body (PlanTermsBody): What a plan is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | OnePlanBody]
    """

    kwargs = _get_kwargs(
        plan=plan,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    plan: str,
    *,
    client: AuthenticatedClient,
    body: PlanTermsBody,
) -> ErrorBody | OnePlanBody | None:
    """Make a plan, or change it

     A change holds at once for everybody who is on the plan. Who has more than it gives keeps that, but
    makes no more.

    Args:
        plan (str):
        body (PlanTermsBody): What a plan is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | OnePlanBody
    """

    return sync_detailed(
        plan=plan,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    plan: str,
    *,
    client: AuthenticatedClient,
    body: PlanTermsBody,
) -> Response[ErrorBody | OnePlanBody]:
    """Make a plan, or change it

     A change holds at once for everybody who is on the plan. Who has more than it gives keeps that, but
    makes no more.

    Args:
        plan (str):
        body (PlanTermsBody): What a plan is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorBody | OnePlanBody]
    """

    kwargs = _get_kwargs(
        plan=plan,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    plan: str,
    *,
    client: AuthenticatedClient,
    body: PlanTermsBody,
) -> ErrorBody | OnePlanBody | None:
    """Make a plan, or change it

     A change holds at once for everybody who is on the plan. Who has more than it gives keeps that, but
    makes no more.

    Args:
        plan (str):
        body (PlanTermsBody): What a plan is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorBody | OnePlanBody
    """

    return (
        await asyncio_detailed(
            plan=plan,
            client=client,
            body=body,
        )
    ).parsed
