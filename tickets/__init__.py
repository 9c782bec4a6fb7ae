"""Tickets: what somebody asked for, until it is done."""
