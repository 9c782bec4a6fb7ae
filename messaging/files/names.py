"""The name under which a file is shown and saved: whatever was sent, nothing in it may mislead or escape."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 150  # characters; file systems take 255 bytes, and Chinese letters are three each
NOWHERE = re.compile(r'[<>:"|?*]')  # not in names of Windows
# By which Windows knows a device, whatever the extension.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean(name: str) -> str:
    """Return a name without a path, control and invisible characters (those that turn the direction of
    writing would hide an extension), quotes, or a dot at an end; "file" where nothing is left.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(" " if sign.isspace() else sign for sign in name if sign == " " or _seen(sign))
    name = NOWHERE.sub("_", re.sub(" +", " ", name)).strip(" .")
    if DEVICES.match(name):
        name = f"_{name}"
    stem, end = split(name)
    return (stem[: LONGEST - len(end)].rstrip(" .") + end) or "file"


def split(name: str) -> tuple[str, str]:
    """Return a name's stem and its extension with the dot, "" where it has none."""
    end = PurePosixPath(name).suffix
    return (name.removesuffix(end), end) if len(end) <= 12 else (name, "")


def extension(name: str) -> str:
    """Return a name's extension in lower case, with its dot."""
    return split(name)[1].lower()


def ending_in(name: str, extensions: tuple[str, ...]) -> str:
    """Return the name, with the first of the extensions added where it has none of them."""
    if not extensions or extension(name) in extensions:
        return name
    return name[: LONGEST - len(extensions[0])] + extensions[0]


def _seen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
