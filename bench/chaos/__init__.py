"""Proves that no acknowledged message is lost, doubled or out of place, whatever network and servers do.

`python -m bench.chaos --sends 100000` lets visitors and agents talk through a hostile proxy while the desk
and PostgreSQL are killed, and then compares what is stored, what was acknowledged and what every reader read.
A shorter run is part of the tests (tests/messaging/test_chaos.py). Start reading in `run.py`.
"""
