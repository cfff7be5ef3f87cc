"""The pages for programs: each page's figures as JSON, a feed of announcements, a description of the data set.

The door::

    data_address("areas/01.html")             # "data/areas/01.json", inside the site's folder
    area_data(desk, area, results, stations)  # its bytes
    below_address("areas/01.html")            # "data/areas/01.parquet", where areas lie inside the area
    StationsBelow(record, contest).table("01")  # its bytes: all stations below it
    feed(edition)                             # an Atom feed, in one language
    reports_of(record, contest, national, "")  # the count as NIST SP 1500-100 and as EML 510
    data_set(edition, ...)                    # schema.org's Dataset, as JSON-LD

And where the definition says where the pages will stand::

    head_links(edition, page, title, lead)    # the page's own address, other languages, Open Graph
    site_maps(address, addresses)             # sitemap.xml, and robots.txt for a whole host
    draw_picture(edition, area, result)       # the picture of a link, for `pictured_pages`
"""

from escruta.portal.machines.addresses import head_links, site_address, site_maps
from escruta.portal.machines.below import StationsBelow, below_address, whole_table
from escruta.portal.machines.feeds import FEED, feed
from escruta.portal.machines.page_data import area_data, data_address
from escruta.portal.machines.pictures import draw_picture, picture_address, pictured_pages
from escruta.portal.machines.published import data_set
from escruta.portal.machines.reports import reports_of

__all__ = [
    "FEED",
    "StationsBelow",
    "area_data",
    "below_address",
    "data_address",
    "data_set",
    "draw_picture",
    "feed",
    "head_links",
    "picture_address",
    "pictured_pages",
    "reports_of",
    "site_address",
    "site_maps",
    "whole_table",
]
