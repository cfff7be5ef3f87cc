"""Applications: what wires the floors together for somebody to use.

>>> from escruta.apps.api import contest_of, run
>>> contest_of.__name__, run.__name__
('contest_of', 'run')
"""
