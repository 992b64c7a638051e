"""A filter that misbehaves on demand."""

import random

from neustream_plugin.moderation import Action, ModerationFilter, Verdict, moderation

kept = []


def loop(message, ctx):
    while True:
        pass


def memory_bomb(message, ctx):
    while True:
        kept.append(bytearray(1 << 26))


def recursion(message, ctx):
    return [recursion(message, ctx)]


def panic(message, ctx):
    return kept[7]


def nonsense(message, ctx):
    return Verdict(7, Action.Hold(), "nonsense", "")


def dice(message, ctx):
    kept.append(1)
    text = f"{random.random()} {len(kept)} {ctx.now} {hash('a')} {id(kept)}"
    return Verdict.of(message, Action.Replace(text), "dice", "Whatever might differ.")


deeds = {
    "loop": loop,
    "memory-bomb": memory_bomb,
    "recursion": recursion,
    "panic": panic,
    "nonsense": nonsense,
    "dice": dice,
}


class Gallery(ModerationFilter):
    def judge(self, host, ctx, batch, found):
        return [deeds.get(message.text, lambda it, _: Verdict.clean(it))(message, ctx) for message in batch]


plugin = moderation(Gallery)
