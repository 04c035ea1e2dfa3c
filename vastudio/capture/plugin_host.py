"""Loads one plug-in and renders with it, in a process of its own: what it does wrong ends here.

Run as a script by an interpreter that has `pedalboard` (GPL-3); nothing else of the studio is imported here,
and nothing of the studio imports this. One JSON object per line on standard input, one answer per line on
standard output. A plug-in may print what it likes: its standard output is standard error.

    {"do": "open", "path": "Amp.vst3", "name": ""}   → {"name": "Amp", "parameters": [{…}, …]}
    {"do": "render", "input": "in.npy", "output": "out.npy", "rate": 48000, "values": {"drive": 3.0}}   → {}

An answer `{"error": "…"}` says that a request could not be met; the process goes on.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

_MOST_CHOICES = 64
_OF_THE_HOST = "frames"  # block and rate, which some plug-ins show as parameters
_TOLERANCE = 0.01  # of a parameter's range


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    plugin: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "open":
                plugin = _load(request["path"], request["name"])
                answer = {"name": plugin.name, "parameters": list(_parameters(plugin))}
            else:
                answer = _render(plugin, request)
        except Exception as error:  # noqa: BLE001  # whatever a plug-in raises belongs into the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    os._exit(0)  # plug-ins are known to crash when they are taken down


def _load(path: str, name: str) -> Any:
    import pedalboard  # noqa: PLC0415  # so that its absence is an answer

    plugin = pedalboard.load_plugin(path, plugin_name=name or None)
    if plugin.is_instrument:
        raise ValueError("this is an instrument, not an effect")
    return plugin


def _parameters(plugin: Any) -> Any:
    """Yield what can be turned: a range of numbers, or a list of choices."""
    for key, parameter in plugin.parameters.items():
        if parameter.units == _OF_THE_HOST:
            continue
        value = getattr(plugin, key)
        if isinstance(value, bool):
            record = {"minimum": 0.0, "maximum": 1.0, "value": float(value), "is_switch": True}
        elif isinstance(value, float):
            low, high, step = parameter.range
            record = {"minimum": low, "maximum": high, "value": value, "is_switch": step == 1.0}
        else:
            choices = parameter.valid_values
            if not 2 <= len(choices) <= _MOST_CHOICES:
                continue
            here = float(choices.index(value)) if value in choices else 0.0
            record = {"minimum": 0.0, "maximum": len(choices) - 1.0, "value": here, "is_switch": True}
        yield {"name": key, "label": parameter.name, "unit": (parameter.units or "").strip(), **record}


def _render(plugin: Any, request: dict[str, Any]) -> dict[str, Any]:
    for key, value in request["values"].items():
        _turn(plugin, key, value)
    audio = np.load(request["input"])[None, :]
    try:
        made = plugin.process(audio, request["rate"], reset=True)
    except ValueError:  # a plug-in for stereo only
        made = plugin.process(np.repeat(audio, 2, axis=0), request["rate"], reset=True)
    np.save(request["output"], np.ascontiguousarray(made[0], np.float32))
    return {}


def _turn(plugin: Any, key: str, value: float) -> None:
    """Set a parameter, and look whether the plug-in took the value."""
    before = getattr(plugin, key)
    if isinstance(before, bool):
        setattr(plugin, key, value >= 0.5)
    elif isinstance(before, float):
        setattr(plugin, key, value)
        low, high, _ = plugin.parameters[key].range
        if abs(getattr(plugin, key) - value) > _TOLERANCE * (high - low):
            raise ValueError(f"{key} became {getattr(plugin, key):g} instead of {value:g}")
    else:
        setattr(plugin, key, plugin.parameters[key].valid_values[round(value)])


if __name__ == "__main__":
    main()
