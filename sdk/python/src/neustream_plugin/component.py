"""Between an author's plugin and a component's bindings: what the build puts around `plugin`. Not for authors.

The bindings have classes of their own, made while a component is built; a plugin has those of this package, which are
there in tests, too. What an author gets wrong would end in the bindings, where only `unreachable` is told: so it is
checked first, and what is raised by mistake is told to the host with its place before the trap.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import chat, destination, moderation, payment
from .errors import PaymentFailure, PluginError, Problem
from .host import Context, Entry
from .http import Request, Response
from .values import AnyValue, Field, Value

# Python loads encodings when they are first used, from files, which a component does not have any more.
for _encoding in ("ascii", "latin-1", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"):
    codecs.lookup(_encoding)

Refusal = Callable[[Any, Exception], Any]


@dataclass
class Bindings:
    """The modules that componentize-py makes: the imports by name (`types` always), and the export's words."""

    imports: Mapping[str, Any]
    words: Any
    error: type[Any]
    """`componentize_py_types.Err`."""
    ok: type[Any]
    folder: str
    """Where the author's sources lie while the component is made, and what the author calls that folder."""
    named: str

    @property
    def types(self) -> Any:
        return self.imports["types"]


def exported(kind: str, plugin: Any, bindings: Bindings) -> dict[str, type[Any]]:
    """The classes that a component of this kind exports, by name."""
    make = {"destination": _destination, "chat": _chat, "moderation": _moderation, "payment": _payment}[kind]
    return make(plugin, _Host(bindings), bindings)


def _guard(b: Bindings, call: Callable[..., Any], refuse: Refusal) -> Callable[..., Any]:
    """`call` as a method; what `refuse` makes of an error is answered, any other exception is a fault."""

    def guarded(_self: Any, *values: Any) -> Any:
        try:
            return call(*values)
        except Exception as error:
            answer = refuse(b, error)
            if answer is not None:
                raise b.error(answer) from None
            _last_words(b, error)
            raise

    return guarded


def _never(_: Bindings, __: Exception) -> Any:
    return None


def _refused(b: Bindings, error: Exception) -> Any:
    return _error(b, error) if isinstance(error, PluginError) else None


def _failed(b: Bindings, error: Exception) -> Any:
    failed = PaymentFailure.of(error) if isinstance(error, PluginError) else error
    if not isinstance(failed, PaymentFailure):
        return None
    case = b.words.Failure_NotSent if failed.kind == "not-sent" else b.words.Failure_Unknown
    return case(_error(b, failed.error))


def _last_words(b: Bindings, error: BaseException) -> None:
    # Step by step: the module `traceback` would read the sources, and a component has no files.
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(b.folder + "/"):
            place = f"{b.named}{file.removeprefix(b.folder)}:{trace.tb_lineno}"
        trace = trace.tb_next
    b.imports["telemetry"].panicked(f"{type(error).__name__}: {error}", place.removeprefix("/"))


def _destination(plugin: Any, host: _Host, b: Bindings) -> dict[str, type[Any]]:
    class Adapter:
        prepare = _guard(
            b,
            lambda ctx, it: _target(
                b, plugin.prepare(host, _context(ctx), destination.Broadcast(it.id, it.title, it.visibility))
            ),
            _refused,
        )
        check = _guard(b, lambda ctx, state: _health(b, plugin.check(host, _context(ctx), state)), _refused)
        finish = _guard(b, lambda ctx, state: _nothing(plugin.finish(host, _context(ctx), state)), _refused)

    class Metadata:
        retitle = _guard(
            b, lambda ctx, state, title: _nothing(plugin.retitle(host, _context(ctx), state, title)), _refused
        )

    return {"Adapter": Adapter, "Metadata": Metadata}


def _nothing(_: object) -> None:
    return None


def _chat(plugin: Any, host: _Host, b: Bindings) -> dict[str, type[Any]]:
    class Connector:
        open = _guard(b, lambda ctx: _step(b, plugin.open(host, _context(ctx))), _refused)
        handle = _guard(
            b,
            lambda ctx, state, events: _step(
                b, plugin.handle(host, _context(ctx), state, [_event(b, event) for event in events])
            ),
            _refused,
        )

    return {"Connector": Connector}


def _moderation(plugin: Any, host: _Host, b: Bindings) -> dict[str, type[Any]]:
    words, allow = b.words, b.words.Action_Allow()

    def messages(batch: Any) -> list[moderation.Message]:
        return [moderation.Message(m.id, m.platform, m.author_hash, m.roles, m.text, m.traits) for m in batch]

    def found(answers: Any) -> list[moderation.Found]:
        return [moderation.Found(it.id, _outcome(b, it.outcome, bytes)) for it in answers]

    def lookup(it: moderation.Lookup) -> Any:
        return words.Lookup(_text("a lookup's id", it.id), _text("its url", it.url), _fields(b, it.headers), it.body)

    def action(it: Any) -> Any:
        if isinstance(it, moderation.Action.Allow):
            return allow
        if isinstance(it, moderation.Action.Replace):
            return words.Action_Replace(_text("a replacement", it.text))
        if isinstance(it, moderation.Action.TimeoutS):
            return words.Action_TimeoutS(_whole("a time-out", it.seconds, 32))
        for case in ("Hold", "Hide", "Delete"):
            if isinstance(it, getattr(moderation.Action, case)):
                return getattr(words, f"Action_{case}")()
        raise _wrong("a verdict's action", "an Action", it)

    def verdict(it: moderation.Verdict) -> Any:
        if not isinstance(it, moderation.Verdict):
            raise _wrong("an item of judge's answer", "a Verdict", it)
        rule, reason = _text("a verdict's rule", it.rule), _text("a verdict's reason", it.reason)
        return words.Verdict(_text("a verdict's id", it.id), action(it.action), rule, reason)

    class Filter:
        plan = _guard(
            b, lambda ctx, batch: [lookup(it) for it in plugin.plan(host, _context(ctx), messages(batch))], _never
        )
        judge = _guard(
            b,
            lambda ctx, batch, answers: [
                verdict(it) for it in plugin.judge(host, _context(ctx), messages(batch), found(answers))
            ],
            _never,
        )

    return {"Filter": Filter}


def _payment(plugin: Any, host: _Host, b: Bindings) -> dict[str, type[Any]]:
    def money(it: Any) -> payment.Money:
        return payment.Money(it.minor, it.currency)

    def charge(it: Any) -> payment.Charge:
        return payment.Charge(it.key, money(it.amount), it.description, it.payer_ref, it.return_url)

    def found(status: Any) -> Any:
        return None if status is None else _status(b, status)

    def update(it: payment.Update) -> Any:
        return b.words.Update(_text("an event_id", it.event_id), it.key, _status(b, it.status))

    class Provider:
        start = _guard(b, lambda ctx, it: _status(b, plugin.start(host, _context(ctx), charge(it))), _failed)
        find = _guard(b, lambda ctx, key: found(plugin.find(host, _context(ctx), key)), _refused)
        confirm = _guard(
            b,
            lambda ctx, key, provider_id, returned: _status(
                b, plugin.confirm(host, _context(ctx), key, provider_id, returned)
            ),
            _refused,
        )
        refund = _guard(
            b,
            lambda ctx, key, provider_id, amount: _status(
                b, plugin.refund(host, _context(ctx), key, provider_id, money(amount))
            ),
            _failed,
        )
        receive = _guard(
            b,
            lambda ctx, it: [
                update(known) for known in plugin.receive(host, _context(ctx), payment.Webhook(it.headers, it.body))
            ],
            _refused,
        )

    return {"Provider": Provider}


class _Host:
    """The host by the component's imports."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._imports = bindings.imports

    def config(self) -> str:
        return str(self._imports["config"].get())

    def log(self, level: str, message: str, fields: Mapping[str, str] = {}) -> None:
        telemetry = self._imports["telemetry"]
        pairs = [(name, str(value)) for name, value in fields.items()]
        telemetry.log(getattr(telemetry.Level, level.upper()), str(message), pairs)

    def count(self, metric: str, delta: int = 1) -> None:
        self._imports["telemetry"].count(metric, _whole("a counter's step", delta, 64))

    def verify_hmac_sha256(self, key: str, data: bytes, tag: bytes) -> bool:
        return bool(self._asked("crypto", "verify_hmac_sha256", key, data, tag))

    def hmac_sha256(self, key: str, data: bytes) -> bytes:
        return bytes(self._asked("crypto", "hmac_sha256", key, data))

    def send(self, request: Request) -> Response:
        http, b = self._import("http"), self._bindings
        body: Any
        match request.body:
            case None:
                body = http.Content_Empty()
            case list() as fields:
                body = http.Content_Form(_fields(b, fields))
            case bytes() as data:
                body = http.Content_Bytes(data)
            case other:
                raise _wrong("a request's body", "bytes", other)
        query, headers = _fields(b, request.fields), _fields(b, request.headers)
        sent = http.Request(request.method, request.url, query, headers, body, request.timeout)
        answer = self._asked("http", "send", sent)
        return Response(answer.status, answer.headers, answer.body)

    def kv_get(self, key: str) -> Entry | None:
        entry = self._asked("kv", "get", key)
        return None if entry is None else Entry(entry.value, entry.revision)

    def kv_put(self, key: str, value: bytes, expected: int | None = None, ttl_s: int | None = None) -> int | None:
        revision: int | None = self._asked("kv", "put", key, value, expected, ttl_s)
        return revision

    def kv_delete(self, key: str, expected: int) -> bool:
        return bool(self._asked("kv", "delete", key, expected))

    def _import(self, interface: str) -> Any:
        if interface not in self._imports:
            table = "secrets.<name>" if interface == "crypto" else interface
            message = f"The plugin's manifest has no [capabilities.{table}], or its kind has no such calls."
            raise PluginError.denied("not-asked", message)
        return self._imports[interface]

    def _asked(self, interface: str, function: str, *values: Any) -> Any:
        try:
            return getattr(self._import(interface), function)(*values)
        except self._bindings.error as refused:
            raise _refusal(refused.value) from None


def _refusal(error: Any) -> PluginError:
    case = type(error).__name__.removeprefix("Error_")
    kinds: dict[str, Any] = {
        "Denied": "denied",
        "InvalidConfig": "invalid-config",
        "Unauthorized": "unauthorized",
        "RateLimited": "rate-limited",
        "Unavailable": "unavailable",
    }
    return PluginError(kinds.get(case, "other"), _problem_in(error.value))


# Inward: as an author reads it.


def _context(ctx: Any) -> Context:
    return Context(
        ctx.tenant, ctx.installation, ctx.call_id, ctx.trace_parent, ctx.now, ctx.attempt, ctx.deadline_ms
    )


def _problem_in(problem: Any) -> Problem:
    return Problem(problem.code, problem.message, problem.retry_after_ms)


def _outcome(b: Bindings, outcome: Any, read: Callable[[Any], Any]) -> Any:
    return read(outcome.value) if isinstance(outcome, b.ok) else _problem_in(outcome.value)


def _event(b: Bindings, event: Any) -> chat.AnyEvent:
    it = event.value
    match type(event).__name__:
        case "Event_Opened":
            return chat.Event.Opened(it)
        case "Event_Received":
            is_text = isinstance(it.payload, b.words.Payload_Text)
            payload = chat.Payload.Text if is_text else chat.Payload.Binary
            return chat.Event.Received(it.connection, payload(it.payload.value))
        case "Event_Closed":
            return chat.Event.Closed(it.connection, _problem_in(it.problem))
        case "Event_Answered":
            outcome = _outcome(b, it.outcome, lambda answer: Response(answer.status, answer.headers, answer.body))
            return chat.Event.Answered(it.id, outcome)
        case "Event_Delivered":
            return chat.Event.Delivered(it.connection, chat.Delivery(it.headers, it.body))
        case "Event_Timer":
            return chat.Event.Timer(it)
        case "Event_Send":
            return chat.Event.Send(it.id, it.text, it.reply_to)
        case _:
            return chat.Event.Remove(it)


# Outward: as the bindings want it.


def _wrong(what: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{what} must be {wanted}, not {type(value).__name__}")


def _text(what: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(what, "a str", value)
    return value


def _bytes(what: str, value: object) -> bytes:
    if not isinstance(value, bytes):
        raise _wrong(what, "bytes", value)
    return value


def _whole(what: str, value: object, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise ValueError(f"{what} must be a whole number from 0 below 2^{bits}, not {value!r}")
    return value


def _option(what: str, value: object, bits: int) -> int | None:
    return None if value is None else _whole(what, value, bits)


def _problem(b: Bindings, it: Problem) -> Any:
    code, message = _text("a problem's code", it.code), _text("a problem's message", it.message)
    return b.types.Problem(code, message, _option("retry_after_ms", it.retry_after_ms, 32))


def _error(b: Bindings, error: PluginError) -> Any:
    case = "".join(word.capitalize() for word in error.kind.split("-"))
    return getattr(b.types, f"Error_{case}")(_problem(b, error.problem))


def _value(b: Bindings, value: AnyValue) -> Any:
    match value:
        case Value.Plain(text):
            return b.types.Value_Plain(_text("a value", text))
        case Value.Secret(name):
            return b.types.Value_Secret(_text("a secret's name", name))
        case Value.Prefixed(prefix, name):
            return b.types.Value_Prefixed((prefix, name))
        case Value.Basic(user, name):
            return b.types.Value_Basic((user, name))
        case other:
            raise _wrong("a value", "a str or a Value", other)


def _fields(b: Bindings, fields: Iterable[Field]) -> list[Any]:
    return [b.types.Field(_text("a field's name", field.name), _value(b, field.value)) for field in fields]


def _target(b: Bindings, it: destination.Target) -> Any:
    if not isinstance(it, destination.Target):
        raise _wrong("prepare's answer", "a Target", it)
    known = {"rtmp": "Rtmp", "rtmps": "Rtmps", "srt": "Srt", "whip": "Whip"}
    words = b.words
    protocol = (
        getattr(words, f"Protocol_{known[it.protocol]}")()
        if it.protocol in known
        else words.Protocol_Other(_text("a target's protocol", it.protocol))
    )
    limits = it.limits and words.Limits(it.limits.video_kbps, it.limits.audio_kbps, it.limits.keyframe_ms)
    url, state = _text("a target's url", it.url), _bytes("a target's state", it.state)
    expires_at = _option("expires_at", it.expires_at, 64)
    return words.Target(protocol, url, it.backup_url, _value(b, it.key), limits, expires_at, state)


def _health(b: Bindings, it: destination.Health) -> Any:
    if not isinstance(it, destination.Health):
        raise _wrong("check's answer", "a Health", it)
    return b.words.Health(it.live, _option("viewers", it.viewers, 64))


def _step(b: Bindings, it: chat.Step) -> Any:
    if not isinstance(it, chat.Step):
        raise _wrong("a step", "a Step", it)
    return b.words.Step(_bytes("a step's state", it.state), [_effect(b, effect) for effect in it.effects])


def _effect(b: Bindings, effect: chat.AnyEffect) -> Any:
    words = b.words
    match effect:
        case chat.Effect.Publish(message):
            return words.Effect_Publish(_message(b, message))
        case chat.Effect.Retract(id):
            return words.Effect_Retract(_text("an id", id))
        case chat.Effect.Transmit(connection, payload):
            return words.Effect_Transmit(words.Frame(_text("a connection", connection), _payload(b, payload)))
        case chat.Effect.Ask(request):
            query, headers = _fields(b, request.fields), _fields(b, request.headers)
            asked = words.Request(request.id, request.method, request.url, query, headers, request.body)
            return words.Effect_Request(asked)
        case chat.Effect.Sent(id):
            return words.Effect_Sent(_text("an id", id))
        case chat.Effect.Failed(id, problem):
            return words.Effect_Failed(words.Failure(_text("an id", id), _problem(b, problem)))
        case chat.Effect.Reopen(connection):
            return words.Effect_Reopen(words.Connection(connection.id, _transport(b, connection.transport)))
        case chat.Effect.Close(id):
            return words.Effect_Close(_text("an id", id))
        case chat.Effect.Wake(name, after_ms):
            return words.Effect_Wake(words.Alarm(_text("a timer's name", name), _whole("after_ms", after_ms, 32)))
        case chat.Effect.Status(problem):
            return words.Effect_Status(None if problem is None else _problem(b, problem))
    raise _wrong("an effect", "an Effect", effect)


def _payload(b: Bindings, payload: chat.AnyPayload) -> Any:
    match payload:
        case chat.Payload.Text(text):
            return b.words.Payload_Text(_text("a payload", text))
        case chat.Payload.Binary(data):
            return b.words.Payload_Binary(_bytes("a payload", data))
        case chat.Payload.Parts(parts):
            return b.words.Payload_Parts([_value(b, part) for part in parts])
    raise _wrong("a payload", "a Payload", payload)


def _transport(b: Bindings, transport: chat.AnyTransport) -> Any:
    if isinstance(transport, chat.Transport.Webhook):
        return b.words.Transport_Webhook(_text("a webhook's advice", transport.advice))
    it = transport.endpoint
    place = b.words.Endpoint(it.url, _fields(b, it.fields), _fields(b, it.headers), it.interval_ms)
    return getattr(b.words, f"Transport_{type(transport).__name__}")(place)


def _message(b: Bindings, it: chat.Message) -> Any:
    for name in ("id", "author", "text", "author_id", "kind"):
        _text(f"a message's {name}", getattr(it, name))
    author_id, sent_at = it.author_id or it.author, _whole("sent_at", it.sent_at, 64)
    return b.words.Message(
        it.id, author_id, it.author, it.text, it.kind, it.roles, it.reply_to, sent_at, it.extra
    )


def _money(b: Bindings, it: payment.Money) -> Any:
    return b.words.Money(_whole("an amount's minor", it.minor, 64), _text("an amount's currency", it.currency))


def _receipt(b: Bindings, it: payment.Receipt) -> Any:
    fee = None if it.fee is None else _money(b, it.fee)
    return b.words.Receipt(_text("a provider_id", it.provider_id), _money(b, it.amount), fee)


def _status(b: Bindings, status: payment.AnyStatus) -> Any:
    words = b.words
    match status:
        case payment.Status.Settled(receipt):
            return words.Status_Settled(_receipt(b, receipt))
        case payment.Status.Pending(receipt):
            return words.Status_Pending(_receipt(b, receipt))
        case payment.Status.ActionRequired(action):
            provider_id = _text("a provider_id", action.provider_id)
            return words.Status_ActionRequired(words.Action(provider_id, action.url, action.parameters))
        case payment.Status.Declined(problem):
            return words.Status_Declined(_problem(b, problem))
    raise _wrong("a status", "a Status", status)
