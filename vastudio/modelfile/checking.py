"""Checked access to a JSON document that somebody else wrote: every error names the key it is about."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from vastudio.errors import ModelFileError, did_you_mean

DAMAGED = "The file is damaged, or its writer broke the format: get it again."

LARGEST_TEXT = 16 * 1024 * 1024
"""Bytes of a document: twenty times the largest model that people share."""

LARGEST_NUMBER = 1e9
"""Of arrays: what is made of such numbers in single precision is still finite."""

LEAST_VARIANCE = 1e-24
"""What a number may be divided by the root of."""

_SHOWN = 40
"""Characters of a value in a message."""


@dataclass(frozen=True)
class Part:
    """A value, the path of its key (`config.layers[2].channels`), and what to call the document."""

    value: Any
    source: str
    path: str = ""

    def wrong(self, reason: str, hint: str = DAMAGED) -> NoReturn:
        """Raise ModelFileError: the value `reason`."""
        what = f"'{self.path}' " if self.path else "the file "
        raise ModelFileError(f"{self.source}: {what}{reason}.", hint)

    # --- going deeper ---------------------------------------------------------------------------------------

    def get(self, key: str) -> Part | None:
        """What stands at a key of this object; None where nothing or `null` does."""
        if not isinstance(self.value, dict):
            self.wrong("is not an object")
        found = self.value.get(key)
        return None if found is None else self._child(f".{key}", found)

    def need(self, key: str) -> Part:
        """What stands at a key of this object; ModelFileError where nothing does."""
        found = self.get(key)
        if found is None:
            self._child(f".{key}", None).wrong("is missing")
        return found

    def items(self, most: int) -> list[Part]:
        """The elements of this list, at most so many."""
        if not isinstance(self.value, list):
            self.wrong("is not a list")
        if len(self.value) > most:
            self.wrong(f"has {len(self.value)} elements, which is more than {most}")
        return [self._child(f"[{index}]", item) for index, item in enumerate(self.value)]

    def each(self, count: int) -> list[Part]:
        """One value for each of `count` places: a list of that length, or the same for all."""
        if not isinstance(self.value, list):
            return [self] * count
        if len(self.value) != count:
            self.wrong(f"has {len(self.value)} elements instead of {count}")
        return self.items(count)

    def _child(self, step: str, value: Any) -> Part:
        return Part(value, self.source, (self.path + step).lstrip("."))

    # --- values ---------------------------------------------------------------------------------------------

    def whole(self, smallest: int, largest: int) -> int:
        """A whole number in a range."""
        number = self.value
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if not isinstance(number, int) or isinstance(number, bool) or not smallest <= number <= largest:
            self.wrong(f"is {_shown(self.value)}, not a whole number from {smallest} to {largest}")
        return number

    def number(self, smallest: float = -1e30, largest: float = 1e30) -> float:
        """A number in a range."""
        number = self.value
        if not isinstance(number, int | float) or isinstance(number, bool):
            self.wrong(f"is {_shown(number)}, not a number")
        if not smallest <= number <= largest:
            self.wrong(f"is {_shown(number)}, not a number from {smallest:g} to {largest:g}")
        return float(number)

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            self.wrong(f"is {_shown(self.value)}, not a text")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.wrong(f"is {_shown(self.value)}, neither true nor false")
        return self.value

    def one_of(self, known: dict[str, Any]) -> Any:
        """What `known` holds for this text."""
        name = self.text()
        if name not in known:
            self.wrong(f"is {_shown(name)}, which is not known here", did_you_mean(name, known))
        return known[name]

    def array(self, *shape: int | None) -> npt.NDArray[np.float32]:
        """Numbers in nested lists, as an array of a shape; None in it stands for any size."""
        flat: list[float] = []
        found = self._flatten(self.value, len(shape), flat)
        if any(wanted not in (None, size) for wanted, size in zip(shape, found, strict=True)):
            self.wrong(f"has the shape {_shape(found)} instead of {_shape(shape)}")
        try:
            numbers = np.array(flat, np.float64)
        except OverflowError:
            self.wrong("holds a number that is too large")
        if not (np.abs(numbers) <= LARGEST_NUMBER).all():
            self.wrong(f"holds numbers that are not finite, or larger than {LARGEST_NUMBER:g}")
        return numbers.astype(np.float32).reshape(found)

    def _flatten(self, value: Any, depth: int, flat: list[float]) -> tuple[int, ...]:
        """Append the numbers of lists, `depth` within each other, to `flat`; return their shape."""
        if not isinstance(value, list):
            self.wrong(f"is not made of lists, {depth} within each other" if depth > 1 else "is not a list")
        if depth == 1:
            if not all(type(number) in (int, float) for number in value):
                self.wrong("holds something that is not a number")
            flat += value
            return (len(value),)
        shapes = {self._flatten(item, depth - 1, flat) for item in value}
        if len(shapes) > 1:
            self.wrong("has rows of unequal length")
        return (len(value), *(shapes.pop() if shapes else (0,) * (depth - 1)))


def parse(data: bytes, source: str) -> Part:
    """Read a JSON object.

    Raises
    ------
    ModelFileError
        When it is too large, no JSON (too deep counts as that), or no object.
    """
    whole = Part(None, source)
    if len(data) > LARGEST_TEXT:
        whole.wrong(f"has {len(data)} bytes, which is more than {LARGEST_TEXT}", "Choose a model file.")
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{source}: the file is not readable as JSON.", DAMAGED, str(error)) from error
    if not isinstance(value, dict):
        whole.wrong("does not hold a JSON object", "Choose a model file.")
    return Part(value, source)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _shown(value: Any) -> str:
    """A value in a message: short, on one line."""
    text = repr(value) if not isinstance(value, dict | list) else type(value).__name__
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _shape(sizes: tuple[int | None, ...]) -> str:
    return " × ".join("any" if size is None else str(size) for size in sizes) or "a single number"


class Cutter:
    """Cuts one list of numbers into arrays, and counts what is needed even where it is too short."""

    def __init__(self, numbers: npt.NDArray[np.float32], part: Part) -> None:
        self._numbers = numbers
        self._part = part
        self._at = 0

    def take(self, *shape: int) -> npt.NDArray[np.float32]:
        """The next numbers as an array; zeros that take no memory behind the end."""
        begin = self._at
        self._at += math.prod(shape)
        if self._at > self._numbers.size:
            return np.broadcast_to(np.float32(0), shape)
        return self._numbers[begin : self._at].reshape(shape)

    @property
    def short(self) -> bool:
        """Whether more was taken than there is: what follows is not worth computing."""
        return self._at > self._numbers.size

    def wrong(self, reason: str) -> NoReturn:
        """Raise ModelFileError: the list `reason`."""
        self._part.wrong(reason)

    def finish(self) -> None:
        """Raise ModelFileError unless everything was cut, and nothing is left."""
        if self._at != self._numbers.size:
            self._part.wrong(f"holds {self._numbers.size} numbers, but this network needs {self._at}")
