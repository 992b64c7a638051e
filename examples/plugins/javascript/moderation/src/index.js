// Does with messages that contain one of the tenant's words what the tenant chose.

import { Action, Cached, Verdict, moderation } from "neustream-plugin";

// Reading settings costs more than judging: the host has a fresh instance judge nothing ahead of time, so what is
// prepared then is there for the messages.
/** @type {Cached<ReturnType<typeof read>>} */
const settings = new Cached();

export default moderation({
  // The same settings and messages must give the same verdicts: one can be replayed in an appeal.
  judge(host, ctx, batch) {
    const { words, action } = settings.get(host.config(), read);
    return batch.map((message) => {
      const text = message.text.toLowerCase();
      const found = words.find((word) => text.includes(word.toLowerCase()));
      if (found === undefined) return Verdict.clean(message);
      // `rule` is what an appeal refers to, the reason is for the moderator.
      return Verdict.of(message, Action.of(action), "words", `The message contains “${found}”.`);
    });
  },
});

/**
 * The settings, as `config.schema.json` describes them.
 *
 * @param {string} text
 * @returns {{ words: string[], action: string }}
 */
function read(text) {
  const { words, action = "hold" } = JSON.parse(text);
  return { words, action };
}
