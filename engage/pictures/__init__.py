"""Pictures from strangers: looked at and drawn anew by a process of its own, so that a bad one harms nobody.

What comes out is a JPEG of our own making: nothing of the file is left in it but what there is to see. The process may
use 512 MB of memory and five seconds of time, has no database and opens nothing; one process draws one picture.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Bytes of the largest file that is looked at.
LARGEST: Final = 12_000_000
#: Pixels of the longer side of what is shown, and of what stands in a list.
VIEW, THUMB = 2_048, 320
#: Seconds of the clock. The process itself may compute for five, and is ended by the system then.
LONGEST: Final = 8.0
#: Pictures that are drawn at the same time, and seconds that one waits for its turn: no more than 2 GB are in use.
AT_ONCE: Final = 4
LONGEST_WAIT: Final = 10.0
_TURNS: Final = threading.BoundedSemaphore(AT_ONCE)
_HEADER: Final = struct.Struct(">II")
_DRAWING: Final = Path(__file__).with_name("drawing.py")
#: How a picture begins: PNG, WebP, HEIC and AVIF, and a JPEG that says somewhere how large it is.
_BEGINS: Final = re.compile(
    rb"\x89PNG\r\n\x1a\n|RIFF....WEBP|....ftyp|\xff\xd8\xff.*?\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]", re.DOTALL
)


class UnreadablePicture(Exception):
    """The file is no picture that can be drawn anew; the message says why, in plain English."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: the JPEG to look at, a small one for lists, and its width and height in pixels."""

    view: bytes
    thumb: bytes
    width: int
    height: int


def remade(data: bytes) -> Picture:
    """Draw a picture (JPEG, PNG, WebP, HEIC) anew, without what a camera wrote into it. Raises `UnreadablePicture`."""
    if not data:
        raise UnreadablePicture("The file is empty.")
    if len(data) > LARGEST:
        raise UnreadablePicture("The file is larger than 12 MB.")
    if not _BEGINS.match(data):  # most of what is no picture costs no process
        raise UnreadablePicture("It is no JPEG, PNG, WebP or HEIC picture.")
    if not _TURNS.acquire(timeout=LONGEST_WAIT):  # or strangers' pictures would keep everybody else waiting
        raise UnreadablePicture("Too many pictures came at once.")
    try:
        return _unpacked(_drawn(data))
    finally:
        _TURNS.release()


def _drawn(data: bytes) -> bytes:
    """What the process answers. Raises `UnreadablePicture` where it came to its bounds."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and no shell
            [sys.executable, "-I", str(_DRAWING), str(VIEW), str(THUMB)],
            input=data,
            capture_output=True,
            timeout=LONGEST,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise UnreadablePicture("It takes too long to draw.") from None
    if done.returncode != 0 or len(done.stdout) < _HEADER.size:
        raise UnreadablePicture("It cannot be drawn with what memory and time a picture may have.")
    return done.stdout


def _unpacked(answer: bytes) -> Picture:
    """The picture in the answer of the process, as `drawing.packed` wrote it."""
    said_length, view_length = _HEADER.unpack_from(answer)
    body = answer[_HEADER.size :]
    said = json.loads(body[:said_length])
    if "refused" in said:
        raise UnreadablePicture(said["refused"])
    view = body[said_length : said_length + view_length]
    return Picture(view, body[said_length + view_length :], said["width"], said["height"])
