"""What a file is, by its bytes: neither its name nor what its sender says of it decides.

What pages show in place is recognised here, exactly; puremagic says what else there is, so that it can be
refused by its name.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import BinaryIO

import puremagic

from messaging.files import names

HEAD = 64 * 1024  # bytes looked at
UNKNOWN = "application/octet-stream"
WORD, SHEET, SLIDES = (
    f"application/vnd.openxmlformats-officedocument.{kind}"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
OPEN = "application/vnd.oasis.opendocument."
# The extensions that a name of each type may end in; the first one is added to any other name.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/heic": (".heic", ".heif"),
    "image/bmp": (".bmp",),
    "image/tiff": (".tif", ".tiff"),
    "audio/mpeg": (".mp3",),
    "audio/mp4": (".m4a", ".mp4"),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/wav": (".wav",),
    "audio/flac": (".flac",),
    "audio/aac": (".aac",),
    "video/mp4": (".mp4", ".m4v", ".3gp"),
    "video/webm": (".webm", ".weba"),
    "video/ogg": (".ogv", ".ogg"),
    "video/quicktime": (".mov", ".qt"),
    "video/x-matroska": (".mkv", ".mka"),
    "application/pdf": (".pdf", ".ai"),
    "application/zip": (".zip",),
    "application/gzip": (".gz", ".tgz"),
    "application/x-7z-compressed": (".7z",),
    "application/vnd.rar": (".rar",),
    "application/rtf": (".rtf",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    WORD: (".docx",),
    SHEET: (".xlsx",),
    SLIDES: (".pptx",),
    f"{OPEN}text": (".odt",),
    f"{OPEN}spreadsheet": (".ods",),
    f"{OPEN}presentation": (".odp",),
    "text/plain": (".txt", ".log"),
    "text/csv": (".csv",),
    "text/markdown": (".md",),
    "text/calendar": (".ics",),
    "text/vcard": (".vcf",),
    "application/json": (".json",),
    "application/xml": (".xml",),
    "text/html": (".html", ".htm"),
    "image/svg+xml": (".svg",),
    "text/javascript": (".js", ".mjs"),
}
# What a browser or a system would run: a pattern with a star does not mean these, only their own name does.
ACTIVE = re.compile(
    r"text/(html|javascript|xml)|image/svg\+xml"
    r"|application/(xhtml\+xml|xml|java.*|octet-stream|vnd\.(microsoft\.portable-executable"
    r"|android\.package-archive|ms-.*macroenabled.*)|x-(sh|msdownload|executable|elf|mach.*|msi|iso9660.*))",
    re.IGNORECASE,
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})  # of which thumbnails are made
# What pages may show in place. A picture that could not be read is not among them (links.is_shown).
SHOWN = PICTURES | {
    "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/aac",
    "video/mp4", "video/webm", "video/ogg", "application/pdf",
}  # fmt: skip
STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-elf"),
    (b"#!", "application/x-sh"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"mif1": "image/heic",
    b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}  # fmt: skip
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word, Excel, PowerPoint of old, and installers
OLD_OFFICE = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
MEMBERS = (
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
    (b"vbaProject.bin", "application/vnd.ms-office.macroEnabled.12"),
    (b"word/document.xml", WORD),
    (b"xl/workbook.xml", SHEET),
    (b"ppt/presentation.xml", SLIDES),
)
TEXTS = {
    end: kind
    for kind, ends in EXTENSIONS.items()
    if kind.startswith("text/") or kind in ("application/json", "application/xml", "image/svg+xml")
    for end in ends
} | {".xhtml": "application/xhtml+xml"}
MARKUP = re.compile(rb"<(!doctype html|html|head|body|script|iframe|svg|\?xml)[\s>]", re.IGNORECASE)


def content_type(file: BinaryIO, name: str) -> str:
    """Return the content type of a file; its name only tells apart what its bytes cannot, such as texts."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, size - HEAD))
    tail = file.read(HEAD) if size > HEAD else b""
    file.seek(0)
    return _exactly(head, tail, name) or _text(head, name) or _elsewhere(head)


def allowed(kind: str, patterns: Iterable[str]) -> bool:
    """Whether the patterns (`image/*`, `application/pdf`) admit a type."""
    if ACTIVE.fullmatch(kind):
        return kind in patterns
    return any(fnmatchcase(kind, pattern) for pattern in patterns)


def _exactly(head: bytes, tail: bytes, name: str) -> str:
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:200] else "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return "audio/aac"
    if head.startswith(COMPOUND):
        return OLD_OFFICE.get(names.extension(name), "application/x-ole-storage")
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _archive(head, tail)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return ""


def _archive(head: bytes, tail: bytes) -> str:
    """Return what a ZIP archive is by the names of its members; the whole list could be a bomb of its own."""
    if (stated := re.match(rb"mimetype([a-z]+/[a-z.+-]+)", head[30:150])) is not None:
        kind = stated[1].split(b"PK")[0].decode()
        return next((known for known in EXTENSIONS if kind == known), UNKNOWN)
    return next((kind for member, kind in MEMBERS if member in head or member in tail), "application/zip")


def _text(head: bytes, name: str) -> str:
    """Return the type of a text: markup by what it says, else by its name; "" for what is none."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not merely a letter that is cut in two
            return ""
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return ""
    by_name = TEXTS.get(names.extension(name), "text/plain")
    if by_name == "text/plain" and (found := MARKUP.search(head[:1024])):
        sign = found[1].lower()
        return {b"svg": "image/svg+xml", b"?xml": "application/xml"}.get(sign, "text/html")
    return by_name


def _elsewhere(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head[:8192])
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    best = next((each.mime_type for each in found if each.mime_type and each.confidence >= 0.4), UNKNOWN)
    # What is shown in place is what was recognised exactly, above.
    return UNKNOWN if best in SHOWN or len(best) > 100 else best
