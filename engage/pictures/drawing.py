"""What the process of its own does: read a picture from its input, draw it anew, write that to its output.

It is run as a file and imports nothing of Engage: all of Engage takes a second to import, this a tenth of that. Its two
arguments are the longest sides of the picture to look at and of the small one.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

MEMORY: Final = 512 * 1024 * 1024
SECONDS: Final = 5
MOST_PIXELS: Final = 40_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
_WHITE: Final = (255, 255, 255)
_HEADER: Final = struct.Struct(">II")


def limit() -> None:
    """Let this process have no more than it may; the system ends it otherwise."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))  # what libraries merely map counts here as well
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def drawn(data: bytes, view: int, thumb: int) -> bytes:
    """The answer for a file: the picture drawn anew, or why it is none."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")  # a camera that wrote nonsense beside a picture is no reason not to show it
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    register_heif_opener(thumbnails=False)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # not every format asks Pillow's own question
                return packed({"refused": "It has more than 40 million pixels."})
            return _answer(picture, view, thumb)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return packed({"refused": "It has more than 40 million pixels."})
    except UnidentifiedImageError:
        return packed({"refused": "It is no JPEG, PNG, WebP or HEIC picture."})
    except MemoryError:
        return packed({"refused": "It needs too much memory."})
    except Exception as problem:  # whatever a broken file makes a decoder raise, it is unreadable
        return packed({"refused": f"It is broken ({type(problem).__name__})."})


def _answer(picture: Image.Image, view: int, thumb: int) -> bytes:
    picture.draft("RGB", (view, view))  # a large JPEG is read smaller at once
    picture.thumbnail((view, view))  # before anything else makes a copy of the large one
    plain = _on_white(ImageOps.exif_transpose(picture))
    small = plain.copy()
    small.thumbnail((thumb, thumb))
    return packed({"width": plain.width, "height": plain.height}, _jpeg(plain, 82), _jpeg(small, 70))


def packed(said: dict[str, object], view: bytes = b"", thumb: bytes = b"") -> bytes:
    """The answer of the process: two lengths, what it says in JSON, and the two JPEGs."""
    plain = json.dumps(said).encode()
    return _HEADER.pack(len(plain), len(view)) + plain + view + thumb


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture in plain colours: where it is seen through, it is white."""
    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    plain = Image.new("RGB", clear.size, _WHITE)
    plain.paste(clear, mask=clear.getchannel("A"))
    return plain


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    fresh = Image.frombytes("RGB", picture.size, picture.tobytes())  # carries nothing but its pixels
    fresh.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    limit()
    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2])))
