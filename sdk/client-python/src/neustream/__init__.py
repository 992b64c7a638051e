"""The client of Neustream's HTTP API.

    from neustream import Neustream
    from neustream_client.api.sources import create_source, list_sources
    from neustream_client.models import NewSourceBody

    neustream = Neustream("https://live.example.com", api_key="nsk_...")
    created = neustream.ask(create_source, body=NewSourceBody(name="Main Stream"))
    print(created.source.rtmp_url, created.source.stream_key)

Every operation of the API is a module below `neustream_client.api`, every shape a class in `neustream_client.models`. Both
are generated from the API's OpenAPI document; what stands here adds what every caller wants: errors that are raised, signing
in that lasts, and patience with a busy host.
"""

import random
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from http import HTTPStatus
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

import httpx

from neustream_client import AuthenticatedClient
from neustream_client.models import ErrorBody
from neustream_client.types import Response

__all__ = ["Neustream", "NeustreamError"]

EARLY_S = 30.0
"""Tokens are exchanged so long before they expire: clocks differ."""

LONGEST_WAIT_S = 30.0
"""The longest that a client waits before it sends a request again, whatever `Retry-After` says."""

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods that do the same however often they are sent."""

T = TypeVar("T")


class Operation(Protocol[T]):
    """A module below `neustream_client.api`."""

    @property
    def sync_detailed(self) -> Callable[..., Response[T | ErrorBody]]: ...


class NeustreamError(Exception):
    """A request that the host refused."""

    def __init__(self, response: Response[Any]) -> None:
        told = response.parsed if isinstance(response.parsed, ErrorBody) else None
        super().__init__(told.error if told else f"the host answered {response.status_code}")
        self.status: int = int(response.status_code)
        """The HTTP status."""
        self.code: str = told.code if told else ""
        """The word for programs, such as `LIMIT_REACHED`: docs/API.md lists all of them."""
        self.details: Any = told.details if told else None
        """What and where: a text, a dictionary where programs need figures, or None."""
        self.request_id: str | None = response.headers.get("x-request-id")
        """The request's id, for the operator's log."""


class Neustream:
    """A host, and whom to act for.

    With `api_key` for programs; with `email` and `password` for a person, who stays signed in: tokens are exchanged before
    they expire. `organisation` and `app` name whom to act for instead of the home organisation and its default app.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        email: str | None = None,
        password: str | None = None,
        organisation: str | None = None,
        app: str | None = None,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if (api_key is None) == (email is None or password is None):
            raise ValueError("give an api_key, or email and password")
        headers = {"Neustream-Organisation": organisation, "Neustream-App": app}
        inner = transport or httpx.HTTPTransport()
        arguments: dict[str, Any] = {"transport": _Patient(inner, retries)}
        if email is not None and password is not None:
            arguments["auth"] = _SignIn(email, password)
        self.client = AuthenticatedClient(
            base_url=url.rstrip("/"),
            token=api_key or "",
            # Without a prefix the header would be there, empty, when a person signs in; `auth` replaces it.
            prefix="Bearer" if api_key else "",
            headers={name: value for name, value in headers.items() if value is not None},
            httpx_args=arguments,
        )
        """What the generated functions take as `client`."""

    def ask(self, operation: Operation[T], *args: Any, **kwargs: Any) -> T:
        """What the operation answers; a refusal is raised as `NeustreamError`.

        `operation` is a module below `neustream_client.api`; its arguments follow, `client` left out.
        """
        response = operation.sync_detailed(*args, client=self.client, **kwargs)
        if response.status_code >= 400 or isinstance(response.parsed, ErrorBody):
            raise NeustreamError(response)
        return cast(T, response.parsed)

    def pages(self, operation: Operation[T], *args: Any, **kwargs: Any) -> Iterator[T]:
        """Every page of a list, one after the other."""
        cursor: str | None = None
        while True:
            page = self.ask(operation, *args, **kwargs, **({} if cursor is None else {"cursor": cursor}))
            yield page
            cursor = getattr(page, "next_cursor", None) or None
            if cursor is None:
                return

    def close(self) -> None:
        """Closes connections."""
        self.client.get_httpx_client().close()


class _SignIn(httpx.Auth):
    """A person's tokens, kept fresh."""

    requires_response_body = True

    def __init__(self, email: str, password: str) -> None:
        self._credentials = {"email": email, "password": password}
        self._lock = Lock()
        self._access = ""
        self._refresh = ""
        self._good_until = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        # A refresh token is taken once: everybody who waits, waits for the same exchange.
        with self._lock:
            if time.monotonic() >= self._good_until:
                yield from self._exchange(request.url)
            access = self._access
        request.headers["Authorization"] = f"Bearer {access}"
        yield request

    def _exchange(self, url: httpx.URL) -> Generator[httpx.Request, httpx.Response, None]:
        if self._refresh:
            response = yield self._post(url, "refresh", {"refresh_token": self._refresh})
            response.read()
            if response.is_success:
                self._keep(response)
                return
        response = yield self._post(url, "login", self._credentials)
        response.read()
        if not response.is_success:
            raise NeustreamError(_answer(response))
        self._keep(response)

    def _post(self, url: httpx.URL, what: str, body: dict[str, str]) -> httpx.Request:
        return httpx.Request("POST", url.copy_with(raw_path=f"/api/auth/{what}".encode()), json=body)

    def _keep(self, response: httpx.Response) -> None:
        signed_in = response.json()
        self._access = signed_in["token"]
        self._refresh = signed_in["refresh_token"]
        self._good_until = time.monotonic() + signed_in["expires_in"] - EARLY_S


class _Patient(httpx.BaseTransport):
    """Sends a request again while the host is busy or the connection breaks, as far as that cannot do something twice."""

    def __init__(self, inner: httpx.BaseTransport, retries: int) -> None:
        self._inner = inner
        self._retries = retries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        is_repeatable = request.method in REPEATABLE or "Idempotency-Key" in request.headers
        attempt = 0
        while True:
            is_last = attempt >= self._retries or not is_repeatable
            try:
                response = self._inner.handle_request(request)
            except httpx.TransportError:
                if is_last:
                    raise
                time.sleep(_wait(None, attempt))
            else:
                if is_last or response.status_code not in (429, 503):
                    return response
                response.close()
                time.sleep(_wait(response, attempt))
            attempt += 1

    def close(self) -> None:
        self._inner.close()


def _wait(response: httpx.Response | None, attempt: int) -> float:
    asked = response.headers.get("retry-after", "") if response else ""
    own = 0.25 * 2.0**attempt * random.uniform(0.5, 1.0)
    return min(float(asked) if asked.isdigit() else own, LONGEST_WAIT_S)


def _answer(response: httpx.Response) -> Response[Any]:
    try:
        parsed = ErrorBody.from_dict(response.json())
    except (ValueError, KeyError):
        parsed = None
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )
