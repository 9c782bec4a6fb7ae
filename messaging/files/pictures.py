"""Pictures: how large they are, and their thumbnails. None is trusted to be small, whole or sane."""

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image
from PIL.Image import Transpose

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
PIXELS = 20_000_000  # of a picture that is decoded here, and shown in place: 80 MB in memory, twice at times
SIDE = 30_000
THUMBNAIL = 640  # pixels of the longer side
THUMBNAIL_TYPE = "image/webp"
ORIENTATION = 0x0112  # EXIF: how the camera was held
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
}  # fmt: skip
LYING = frozenset({5, 6, 7, 8})  # width and height change places

# One at a time in a process: decoding is the one thing here whose memory a sender chooses. Who waits holds
# one of the few threads that answer everybody, so nobody waits long.
_decoding = threading.Lock()
WAIT = 1.0  # seconds


@dataclass(frozen=True)
class Picture:
    """A picture as it is shown (turned as its camera says), and its thumbnail without anything but pixels."""

    width: int
    height: int
    thumbnail: bytes


def picture_of(file: BinaryIO, kind: str) -> Picture | None:
    """Return what is known of a picture; None for one that is broken, or too large to be shown in place, or
    that came while others were decoded for longer than a sender is kept waiting.
    """
    if not _decoding.acquire(timeout=WAIT):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file.seek(0)
            with Image.open(file, formats=[FORMATS[kind]]) as image:
                width, height = image.size
                if width * height > PIXELS or max(width, height) > SIDE:
                    return None
                held = image.getexif().get(ORIENTATION, 1)
                thumbnail = _thumbnail(image, held)
    except Exception:  # noqa: BLE001 - decoders raise whatever a broken file makes them trip over
        return None
    finally:
        _decoding.release()
        file.seek(0)
    return Picture(*((height, width) if held in LYING else (width, height)), thumbnail)


def _thumbnail(image: Image.Image, held: int) -> bytes:
    """Return the first frame, small; drawn anew, so that no metadata comes along."""
    image.draft("RGB", (THUMBNAIL, THUMBNAIL))  # a JPEG is read at the size that is needed
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    small = image if image.mode == mode else image.convert(mode)  # which copies even what needs no change
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small = small.transpose(TURNS[held]) if held in TURNS else small
    bare = Image.new(small.mode, small.size)
    bare.paste(small)
    written = BytesIO()
    bare.save(written, "WEBP", quality=80)
    return written.getvalue()
