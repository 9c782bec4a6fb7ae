"""Files for the tests of attachments, and how they are sent."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
EXE = b"MZ\x90\x00\x03" + b"\x00" * 200
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(width: int = 8, height: int = 6, colour: str = "red") -> bytes:
    return picture("PNG", width, height, colour)


def picture(format: str, width: int = 8, height: int = 6, colour: str = "red", **options: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), colour).save(written, format, **options)
    return written.getvalue()


def form(content: bytes, name: str = "a.png", content_type: str = "image/png") -> dict[str, Any]:
    """Return the arguments of a post of a form with this file."""
    return {
        "data": {"file": SimpleUploadedFile(name, content, content_type=content_type)},
        "content_type": None,
    }


def upload(api: Any, content: bytes, name: str = "a.png", content_type: str = "image/png") -> dict[str, Any]:
    """Send a file in as the desk's people do, and return the attachment."""
    response = api.post("attachments/create", **form(content, name, content_type))
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found
