"""Typed settings of an installation: groups declared once in code, values stored, every change an event."""
