"""Conversations: visitors, threads and their messages."""
