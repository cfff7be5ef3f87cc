"""The pages: a static site from a record, and from nothing else.

>>> from pathlib import Path
>>> from escruta.portal import render_site
>>> report = render_site(Path("out/utopia"), Path("out/utopia/site"), languages=["en"])  # doctest: +SKIP
>>> report.pages  # doctest: +SKIP
148
"""

from escruta.portal.site import SiteReport, render_site

__all__ = ["SiteReport", "render_site"]
