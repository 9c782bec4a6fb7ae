"""A desk with believable work on it, for the first look and for screenshots (`manage.py demo`)."""

from workstation.demo.builder import build, is_built

__all__ = ["build", "is_built"]
