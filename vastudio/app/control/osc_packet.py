"""OSC 1.0 packets: messages and bundles, read from and written to bytes.

Types: i, h, f, d, s, S, b, T, F, N, I, t (https://opensoundcontrol.stanford.edu/spec-1_0.html).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

Argument = int | float | str | bytes | bool | None

_BUNDLE = b"#bundle\0"
_DEEPEST = 4
_NUMBERS = {"i": struct.Struct(">i"), "h": struct.Struct(">q"), "f": struct.Struct(">f"),
            "d": struct.Struct(">d"), "t": struct.Struct(">Q")}  # fmt: skip
_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": True}


class PacketError(ValueError):
    """Bytes that are no OSC packet."""


@dataclass(frozen=True)
class Message:
    """An address and what is said to it."""

    address: str
    arguments: tuple[Argument, ...] = ()


def decode(packet: bytes) -> list[Message]:
    """Read the messages of a packet, in their order. Raises PacketError."""
    return _decode(packet, 0)


def _decode(packet: bytes, depth: int) -> list[Message]:
    if not packet.startswith(_BUNDLE):
        return [_message(packet)]
    if depth >= _DEEPEST:
        raise PacketError("bundles in bundles in bundles")
    at, messages = len(_BUNDLE) + 8, []
    while at < len(packet):
        size = _whole(packet, at)
        if size < 4 or at + 4 + size > len(packet):
            raise PacketError("an element of a bundle is cut off")
        messages += _decode(packet[at + 4 : at + 4 + size], depth + 1)
        at += 4 + size
    return messages


def _message(packet: bytes) -> Message:
    address, at = _text(packet, 0)
    if not address.startswith("/"):
        raise PacketError("an address begins with /")
    if at == len(packet):
        return Message(address)
    tags, at = _text(packet, at)
    if not tags.startswith(","):
        raise PacketError("types begin with ,")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        argument, at = _argument(tag, packet, at)
        arguments.append(argument)
    return Message(address, tuple(arguments))


def _argument(tag: str, packet: bytes, at: int) -> tuple[Argument, int]:
    if tag in _NUMBERS:
        return _number(tag, packet, at), at + _NUMBERS[tag].size
    if tag in ("s", "S"):
        return _text(packet, at)
    if tag == "b":
        size = _whole(packet, at)
        end = at + 4 + size
        if size < 0 or end > len(packet):
            raise PacketError("a blob is cut off")
        return packet[at + 4 : end], end + -size % 4
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    raise PacketError(f"unknown type {tag!r}")


def _number(tag: str, packet: bytes, at: int) -> int | float:
    try:
        (number,) = _NUMBERS[tag].unpack_from(packet, at)
    except struct.error as error:
        raise PacketError("a number is cut off") from error
    return number  # type: ignore[no-any-return]


def _whole(packet: bytes, at: int) -> int:
    return int(_number("i", packet, at))


def _text(packet: bytes, at: int) -> tuple[str, int]:
    """The text at a place, and the place behind it: a multiple of four."""
    end = packet.find(b"\0", at)
    if end < 0:
        raise PacketError("a text does not end")
    try:
        return packet[at:end].decode("utf-8"), end + 4 - (end - at) % 4
    except UnicodeDecodeError as error:
        raise PacketError("a text is no UTF-8") from error


def encode(address: str, arguments: Sequence[int | float | str | bool] = ()) -> bytes:
    """Write a message of whole numbers, floats, texts and truth values."""
    tags, data = ",", b""
    for argument in arguments:
        if isinstance(argument, bool):
            tags += "T" if argument else "F"
        elif isinstance(argument, int):
            tags, data = tags + "i", data + _NUMBERS["i"].pack(argument)
        elif isinstance(argument, float):
            tags, data = tags + "f", data + _NUMBERS["f"].pack(argument)
        else:
            tags, data = tags + "s", data + _padded(argument)
    return _padded(address) + _padded(tags) + data


def _padded(text: str) -> bytes:
    data = text.encode("utf-8")
    return data + b"\0" * (4 - len(data) % 4)
