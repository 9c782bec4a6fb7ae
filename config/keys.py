"""The installation's secrets: from the environment, else made once and kept in files only the owner can
read."""

import base64
import json
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(folder: Path) -> str:
    """Return SECRET_KEY, from the environment or from `secret_key` in the data folder."""
    return os.environ.get("SECRET_KEY") or _kept(folder / "secret_key", lambda: secrets.token_urlsafe(64))


def access_token_keys(folder: Path) -> dict[str, bytes]:
    """Return the signing keys of access tokens by key id; the first one signs (tokens.md section 1).

    ACCESS_TOKEN_KEYS is JSON, `{"kid": "base64url of at least 48 random bytes", …}`. Raises
    ImproperlyConfigured.
    """
    text = os.environ.get("ACCESS_TOKEN_KEYS") or _kept(folder / "access_token_keys.json", _new_keys)
    try:
        named = json.loads(text)
        keys = {str(kid): base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) for kid, key in named.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise ImproperlyConfigured("ACCESS_TOKEN_KEYS is not a JSON object of base64url keys.") from error
    if not keys or any(len(key) < 48 for key in keys.values()):
        raise ImproperlyConfigured("ACCESS_TOKEN_KEYS needs at least one key, each of at least 48 bytes.")
    return keys


def _new_keys() -> str:
    key = base64.urlsafe_b64encode(secrets.token_bytes(64)).decode().rstrip("=")
    return json.dumps({secrets.token_hex(4): key})


def _kept(path: Path, make) -> str:
    """Return the file's text; where there is none, make it atomically, so that two first starts agree."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
