"""Measures Inlay against its peers and against floors: `make bench`. Start reading in `__main__.py`."""
