"""Lets tests find the plugin and the SDK where `pyproject.toml` says that they are."""

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent
settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["neustream-plugin"]
sys.path[:0] = [str(PROJECT / folder) for folder in [Path(settings["main"]).parent, *settings["path"]]]
