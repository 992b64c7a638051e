"""Looks at a plugin's sources before a component is made of them: what is wrong has a file and a line here.

Called by neustream-plugin with one argument in JSON; answers lines of JSON: {"problem": {...}} for each thing that is
wrong, or {"plugin": {"retitle": ...}}.
"""

import importlib
import json
import os
import sys
import traceback

task = json.loads(sys.argv[1])
project, main, kind, folders = task["project"], task["main"], task["kind"], task["path"]
module_name = os.path.splitext(os.path.basename(main))[0]
own = os.path.dirname(os.path.join(project, main))


def relative(file):
    return os.path.relpath(file, project)


def problem(code, message, file=None, line=None, help=None, key=None):
    told = {"code": code, "message": message, "file": file, "line": line, "help": help, "key": key}
    print(json.dumps({"problem": told}), flush=True)


def compiled():
    """Whether every source of the author's can be read."""
    is_good = True
    for folder, _, files in os.walk(own):
        for file in sorted(files):
            path = os.path.join(folder, file)
            if not file.endswith(".py"):
                continue
            try:
                with open(path, "rb") as source:
                    compile(source.read(), path, "exec")
            except (SyntaxError, ValueError) as error:
                is_good = False
                line = getattr(error, "lineno", None)
                text = (getattr(error, "text", None) or "").strip()
                said = getattr(error, "msg", None) or str(error)
                problem("source-invalid", f"{said}\n    {text}" if text else said, relative(path), line)
    return is_good


def imported():
    """The main module; none where its first steps fail."""
    sys.path[:0] = folders
    try:
        return importlib.import_module(module_name)
    except Exception as error:
        frames = [at for at in traceback.extract_tb(error.__traceback__) if at.filename.startswith(own + os.sep)]
        file, line = (relative(frames[-1].filename), frames[-1].lineno) if frames else (main, None)
        help = None
        if isinstance(error, ModuleNotFoundError):
            help = "write packages of PyPI into requirements.txt; only those in plain Python can be in a component"
        problem("source-invalid", f"{type(error).__name__}: {error}", file, line, help)
        return None


def looked_at(module):
    from neustream_plugin import chat, destination, moderation, payment

    classes = {
        "destination": destination.DestinationAdapter,
        "chat": chat.ChatConnector,
        "moderation": moderation.ModerationFilter,
        "payment": payment.PaymentProvider,
    }
    plugin = getattr(module, "plugin", None)
    line = f"plugin = {kind}(MyPlugin)"
    advice = f"`{line}` at its end, with `from neustream_plugin.{kind} import {classes[kind].__name__}, {kind}`"
    found = next((word for word, its in classes.items() if isinstance(plugin, its)), None)
    if found is None:
        problem("export-missing", f"the module has no `plugin`; kind {kind} does", main, None, f"write {advice}")
    elif found != kind:
        help = f'write `kind = "{found}"` in plugin.toml; or, for a plugin of kind {kind}, {advice}'
        message = f"the module's `plugin` is of kind {found}; its manifest says kind {kind}"
        problem("export-missing", message, "plugin.toml", None, help, "kind")
    else:
        print(json.dumps({"plugin": {"retitle": hasattr(plugin, "retitle")}}), flush=True)


if compiled():
    module = imported()
    if module is not None:
        looked_at(module)
