"""Figures: how much arrives, how fast it is answered, by whom."""
