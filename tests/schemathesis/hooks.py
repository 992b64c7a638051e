"""What schemathesis needs to know of the host under test: who asks, and what there is.

`NEUSTREAM_TEST_WORLD` is JSON: `path` holds the ids that exist, by the beginning of a path and the name of its parameter, and
`body` those that exist by the name of a body's field. Every second request gets some of them, so that half of what is asked
goes past "there is no such thing". There are several of each, because some of what is asked deletes them.
"""

import json
import os
import random
from typing import Any

import requests
import schemathesis

URL = os.environ["NEUSTREAM_TEST_URL"]
CREDENTIALS = {
    "email": os.environ["NEUSTREAM_TEST_EMAIL"],
    "password": os.environ["NEUSTREAM_TEST_PASSWORD"],
}
WORLD = json.loads(os.environ["NEUSTREAM_TEST_WORLD"])
PATHS: list[tuple[str, dict[str, list[str]]]] = sorted(WORLD["path"].items(), key=lambda known: -len(known[0]))
BODIES: dict[str, list[str]] = WORLD["body"]

chance = random.Random(1)


@schemathesis.auth(refresh_interval=15)
class SignIn:
    """An administrator of the platform who owns an organisation: nearly everything is open to them."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        answer = requests.post(f"{URL}/api/auth/login", json=CREDENTIALS, timeout=30)
        answer.raise_for_status()
        token: str = answer.json()["token"]
        return token

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, parameters: Any) -> Any:
    path = context.operation.path if context.operation else ""
    known = next((ids for beginning, ids in PATHS if path.startswith(beginning)), {})
    return with_known(parameters, known)


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    return with_known(body, BODIES)


@schemathesis.serializer("application/wasm")
def package(context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Nothing that is made up is a package: the bytes are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


def with_known(values: Any, known: dict[str, list[str]]) -> Any:
    if not isinstance(values, dict) or chance.random() < 0.5:
        return values
    return {**values, **{name: chance.choice(ids) for name, ids in known.items() if name in values}}
