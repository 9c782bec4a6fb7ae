"""Robots answer visitors before people do. docs/robots.md tells it from outside; answering.py does it."""
