from pathlib import Path
from unittest import TestCase

from neustream_plugin.moderation import Action
from neustream_plugin.testing import FakeHost, config_of_examples, judge, message
from plugin import plugin

SCHEMA = Path(__file__).parent.parent / "config.schema.json"


class Words(TestCase):
    def test_a_message_with_a_word_is_held_in_any_case(self) -> None:
        host = FakeHost({"words": ["darn"]})
        verdict = judge(plugin, host, [message("Oh DARN it")])[0]
        self.assertEqual((verdict.action, verdict.rule), (Action.Hold(), "words"))

    def test_other_messages_are_allowed(self) -> None:
        host = FakeHost({"words": ["darn"]})
        self.assertEqual(judge(plugin, host, [message("hello")])[0].action, Action.Allow())

    def test_the_tenant_chooses_what_becomes_of_them(self) -> None:
        host = FakeHost({"words": ["darn"], "action": "delete"})
        self.assertEqual(judge(plugin, host, [message("darn")])[0].action, Action.Delete())

    def test_the_examples_of_the_form_work(self) -> None:
        host = FakeHost(config_of_examples(SCHEMA.read_text()))
        self.assertEqual(judge(plugin, host, [message("heck")])[0].action, Action.Hold())
