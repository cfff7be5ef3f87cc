"""The page that finds a polling station, by the name of its centre, its place or its code; never by a person.

The door::

    index_of(record, contest, places)        # bytes of assets/places.js: all places, small enough for a phone
    find_page(edition, shell, environment)   # the page in one language
"""

from escruta.portal.finding.index import index_name, index_of
from escruta.portal.finding.pages import FIND, find_page, scripts

__all__ = ["FIND", "find_page", "index_name", "index_of", "scripts"]
