"""Peers: what a good developer would build with DRF, knox, simplejwt and Channels, on the same database."""
