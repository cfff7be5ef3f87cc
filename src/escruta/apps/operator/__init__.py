"""An operator's log: its home, from which it is signed, cosigned and published.

The doors::

    with open_home(Path("home")) as home:
        log = home.open_log()                    # asks what others have seen, and refuses to fork
        log.append(entries)
        print(home.publish(log))                 # "12 entries … are published; 5 of 7 log witnesses cosigned; …"
"""

from escruta.apps.operator.errors import HomeUnusable
from escruta.apps.operator.homes import Home, open_home
from escruta.apps.operator.publishing import Published

__all__ = ["Home", "HomeUnusable", "Published", "open_home"]
