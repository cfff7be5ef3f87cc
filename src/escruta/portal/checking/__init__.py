"""The page that checks any page of a site: in the reader's browser, from the server or from chosen files.

The doors::

    CHECKING                                       # "verify.html", in the folder of each language
    checking_page(words, languages, log, ...)      # its bytes; what it checks stands behind the # of its address
"""

from escruta.portal.checking.pages import CHECKING, checking_page

__all__ = ["CHECKING", "checking_page"]
