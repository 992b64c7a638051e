"""The examples in the documentation are run."""

import doctest
import importlib
import pkgutil
from unittest import TestCase

import neustream_plugin


class Documentation(TestCase):
    def test_every_example_works(self) -> None:
        examples = 0
        for module in pkgutil.iter_modules(neustream_plugin.__path__, "neustream_plugin."):
            result = doctest.testmod(importlib.import_module(module.name))
            self.assertEqual(result.failed, 0, module.name)
            examples += result.attempted
        self.assertGreater(examples, 30)
