"""Inlay's PostgreSQL backend for Django."""
