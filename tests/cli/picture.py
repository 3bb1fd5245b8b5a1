# SPDX-License-Identifier: MIT
"""Reads the pictures that the tool writes: PNG, a byte a pixel by a palette."""

import struct
import zlib

HEADING = 36
INK = (66, 66, 66)
OFFSETS = 56
FIELD = 12
COLUMNS = 64
STATES = {(46, 125, 50): "pinned", (249, 168, 37): "unpinned",
          (198, 40, 40): "purged", (200, 204, 208): "untouched"}


class Picture:
    """rows of colours, each (red, green, blue), and the texts that go along."""

    def __init__(self):
        self.rows = []
        self.texts = {}


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        check, = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
        assert check == zlib.crc32(kind + body), "damaged"
        yield kind, body
        at += 12 + length


def unfiltered(filter_type, line, above):
    out = bytearray(line)
    for i, byte in enumerate(line):
        left = out[i - 1] if i else 0
        up = above[i]
        corner = above[i - 1] if i else 0
        nearest = min((abs(up - corner), 0, left),
                      (abs(left - corner), 1, up),
                      (abs(left + up - 2 * corner), 2, corner))[2]
        out[i] = byte + (0, left, up, (left + up) // 2,
                         nearest)[filter_type] & 255
    return bytes(out)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    picture, packed, palette = Picture(), b"", []
    for kind, body in chunks(data):
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 3), "not a byte a pixel"
        elif kind == b"PLTE":
            palette = [tuple(body[i:i + 3]) for i in range(0, len(body), 3)]
        elif kind == b"IDAT":
            packed += body
        elif kind == b"iTXt":
            # Not compressed (two zeros), of no language, with no other key.
            key, _, text = body.partition(b"\0" + b"\0\0" + b"\0" + b"\0")
            picture.texts[key.decode()] = text.decode()
    pixels, above = zlib.decompress(packed), bytes(width)
    for y in range(height):
        start = y * (width + 1)
        above = unfiltered(pixels[start],
                           pixels[start + 1:start + 1 + width], above)
        picture.rows.append([palette[index] for index in above])
    return picture


def heading(picture):
    """The signs above the fields, each as its rows of 5 by 8 bits."""
    signs = []
    for x in range(OFFSETS, len(picture.rows[0]) - 10, 12):
        signs.append(tuple(
            tuple(picture.rows[8 + 2 * y][x + 2 * i] == INK for i in range(5))
            for y in range(8)))
    while signs and not any(map(any, signs[-1])):
        signs.pop()
    return signs


def fields(picture, count):
    """The state of each field, by its colour."""
    return [STATES[picture.rows[HEADING + i // COLUMNS * FIELD]
                   [OFFSETS + i % COLUMNS * FIELD]] for i in range(count)]
