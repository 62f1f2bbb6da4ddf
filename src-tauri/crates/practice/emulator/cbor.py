"""The part of CBOR (RFC 8949) that AWS's rpc-v2-cbor protocol uses.

The newest AWS SDKs speak to CodeConnections in nothing else.
"""

import struct


class Instant(float):
    """Seconds since 1970: a plain number in JSON, a tagged one in CBOR."""


def encode(value):
    """The bytes of `value`."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def _head(out, major, number):
    if number < 24:
        out.append(major << 5 | number)
        return
    for code, width, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if number < 1 << 8 * width:
            out.append(major << 5 | code)
            out.extend(struct.pack(form, number))
            return
    raise ValueError("number too large")


def _write(out, value):
    if value is None:
        out.append(0xF6)
    elif isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, Instant):
        out.append(0xC1)
        out.append(0xFB)
        out.extend(struct.pack(">d", value))
    elif isinstance(value, int):
        _head(out, 0, value) if value >= 0 else _head(out, 1, -1 - value)
    elif isinstance(value, float):
        out.append(0xFB)
        out.extend(struct.pack(">d", value))
    elif isinstance(value, bytes):
        _head(out, 2, len(value))
        out.extend(value)
    elif isinstance(value, str):
        raw = value.encode()
        _head(out, 3, len(raw))
        out.extend(raw)
    elif isinstance(value, (list, tuple)):
        _head(out, 4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, dict):
        _head(out, 5, len(value))
        for key, item in value.items():
            _write(out, str(key))
            _write(out, item)
    else:
        raise TypeError(f"no CBOR form for {type(value).__name__}")


def decode(raw):
    """The value in `raw`. Raises ValueError for anything that is not one complete value."""
    reader = _Reader(raw)
    value = reader.value()
    if reader.at != len(raw):
        raise ValueError("bytes after the end of the value")
    return value


_BREAK = object()


class _Reader:
    def __init__(self, raw):
        self.raw = raw
        self.at = 0

    def take(self, count):
        if self.at + count > len(self.raw):
            raise ValueError("cut short")
        self.at += count
        return self.raw[self.at - count : self.at]

    def number(self, info):
        if info < 24:
            return info
        if info > 27:
            raise ValueError("malformed length")
        return int.from_bytes(self.take(1 << info - 24), "big")

    def value(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(info)
        if info == 31:
            return self.indefinite(major)
        number = self.number(info)
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number)
        if major == 3:
            return self.take(number).decode()
        if major == 4:
            return [self.value() for _ in range(number)]
        if major == 5:
            return {self.value(): self.value() for _ in range(number)}
        return self.value()  # a tag: the value itself is enough for requests

    def simple(self, info):
        if info in (20, 21):
            return info == 21
        if info in (22, 23):
            return None
        if info == 31:
            return _BREAK
        widths = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}
        if info not in widths:
            raise ValueError("unknown simple value")
        width, form = widths[info]
        return struct.unpack(form, self.take(width))[0]

    def indefinite(self, major):
        items = []
        while (item := self.value()) is not _BREAK:
            items.append(item)
        if major == 4:
            return items
        if major == 5:
            return dict(zip(items[::2], items[1::2], strict=True))
        if major in (2, 3):
            return (b"" if major == 2 else "").join(items)
        raise ValueError("malformed length")
