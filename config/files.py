"""Where attachments are kept: a folder under INLAY_DATA, or the bucket that ATTACHMENTS_S3_… names."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "ATTACHMENTS_S3_"


def storage(environ: Mapping[str, str], data: Path) -> dict:
    """Return the entry of STORAGES for attachments."""
    bucket = environ.get(f"{PREFIX}BUCKET", "")
    if not bucket:
        # Only this system's user reads them: everybody else asks the desk.
        options = {
            "location": str(data / "attachments"),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        }
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    options = {
        "bucket_name": bucket,
        "default_acl": None,
        "file_overwrite": True,  # keys are unique; asking whether one is taken would be a call for nothing
        "querystring_auth": True,
        "signature_version": "s3v4",
        "location": environ.get(f"{PREFIX}PREFIX", ""),
    }
    names = {
        "ENDPOINT": "endpoint_url",
        "REGION": "region_name",
        "ACCESS_KEY": "access_key",
        "SECRET_KEY": "secret_key",
        "ADDRESSING": "addressing_style",  # path or virtual
    }
    options |= {to: environ[PREFIX + name] for name, to in names.items() if environ.get(PREFIX + name)}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def origins(environ: Mapping[str, str]) -> list[str]:
    """Return the origins from which pages show files: those of the bucket, none for a folder."""
    bucket = environ.get(f"{PREFIX}BUCKET", "")
    if not bucket:
        return []
    if endpoint := environ.get(f"{PREFIX}ENDPOINT", ""):
        parts = urlsplit(endpoint)
        return [f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{bucket}.{parts.netloc}"]
    region = environ.get(f"{PREFIX}REGION", "")
    hosts = {f"{bucket}.s3.amazonaws.com", f"{bucket}.s3.{region}.amazonaws.com" if region else ""}
    return [f"https://{host}" for host in sorted(hosts) if host]
