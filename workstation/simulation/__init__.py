"""A busy desk in motion, to look at and to try things on (`manage.py simulate`)."""

from workstation.simulation.desk import Simulation
from workstation.simulation.schedule import Schedule

__all__ = ["Schedule", "Simulation"]
