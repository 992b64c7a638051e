"""Does with messages that contain one of the tenant's words what the tenant chose."""

from dataclasses import dataclass
from json import loads

from neustream_plugin import Cached, Context, PureHost
from neustream_plugin.moderation import Action, AnyAction, Found, Message, ModerationFilter, Verdict, moderation


@dataclass
class Settings:
    """The settings, as `config.schema.json` describes them."""

    words: list[str]
    action: AnyAction


# Reading settings costs more than judging: the host has a fresh instance judge nothing ahead of time, so what is prepared
# then is there for the messages.
settings: Cached[Settings] = Cached()


class Words(ModerationFilter):
    """The filter."""

    # The same settings and messages must give the same verdicts: one can be replayed in an appeal.
    def judge(self, host: PureHost, ctx: Context, batch: list[Message], found: list[Found]) -> list[Verdict]:
        chosen = settings.get(host.config(), read)
        return [verdict(chosen, message) for message in batch]


def verdict(chosen: Settings, message: Message) -> Verdict:
    text = message.text.lower()
    for word in chosen.words:
        if word.lower() in text:
            # `rule` is what an appeal refers to, the reason is for the moderator.
            return Verdict.of(message, chosen.action, "words", f"The message contains “{word}”.")
    return Verdict.clean(message)


def read(text: str) -> Settings:
    settings = loads(text)
    return Settings(settings["words"], Action.of(settings.get("action", "hold")))


plugin = moderation(Words)
