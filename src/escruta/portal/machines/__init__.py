"""The pages for programs: each page's figures as JSON, a feed of announcements, a description of the data set.

The door::

    data_address("areas/01.html")             # "data/areas/01.json", inside the site's folder
    area_data(desk, area, results, stations)  # its bytes
    feed(edition)                             # an Atom feed, in one language
    data_set(edition, ...)                    # schema.org's Dataset, as JSON-LD
"""

from escruta.portal.machines.feeds import FEED, feed
from escruta.portal.machines.page_data import area_data, data_address
from escruta.portal.machines.published import data_set

__all__ = ["FEED", "area_data", "data_address", "data_set", "feed"]
