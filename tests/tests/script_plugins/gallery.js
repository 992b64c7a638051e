// A filter that misbehaves on demand.

import { Action, Verdict, moderation } from "neustream-plugin";

const kept = [];

const deeds = {
  loop() {
    for (;;);
  },
  "memory-bomb"() {
    for (;;) kept.push(new Uint8Array(1 << 26));
  },
  recursion(message) {
    return [deeds.recursion(message)];
  },
  panic() {
    return kept.nothing.there;
  },
  nonsense() {
    return { id: 7 };
  },
  dice(message, ctx) {
    return Verdict.of(message, Action.replace(`${Math.random()} ${kept.push(1)} ${ctx.now}`), "dice", "Whatever might differ.");
  },
};

export default moderation({
  judge: (host, ctx, batch) => batch.map((message) => deeds[message.text]?.(message, ctx) ?? Verdict.clean(message)),
});
