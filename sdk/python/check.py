"""Checks the SDK for Python and the examples in it: unit tests, the examples of its documentation, and types (mypy --strict).

    python3 sdk/python/check.py

mypy is looked for beside this python and on the path.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SDK = Path(__file__).parent.resolve()
EXAMPLES = SDK.parent.parent / "examples" / "plugins" / "python"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SDK / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def run(folder: Path, *command: str) -> bool:
    print(f"{folder.relative_to(SDK.parent.parent)}: {' '.join(command)}", flush=True)
    # One stream, in order: what a runner counts is read there.
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.STDOUT, check=False).returncode == 0


def main() -> int:
    beside = Path(sys.executable).parent / "mypy"
    mypy = str(beside) if beside.exists() else shutil.which("mypy")
    if mypy is None:
        print("there is no mypy: python3 -m pip install mypy==1.18.2", file=sys.stderr)
        return 3
    is_good = run(SDK, sys.executable, "-m", "unittest", "discover", "-q", "-s", "tests", "-t", ".")
    is_good &= run(SDK, mypy, "--cache-dir", os.devnull, "src", "tests", "check.py")
    for example in sorted(EXAMPLES.iterdir()):
        if (example / "plugin.toml").exists():
            is_good &= run(example, sys.executable, "-m", "unittest", "-q")
            is_good &= run(example, mypy, "--cache-dir", os.devnull, "src", "tests")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
