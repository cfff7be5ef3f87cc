"""One HTML file that reads the code on a sealed sheet with a phone's camera, and says offline what its seal shows.

::

    Path("check-seal.html").write_text(scanner_page(keys, signed_by=("board.example/keys",), language="es"))
"""

from escruta.portal.scanner.pages import scanner_page

__all__ = ["scanner_page"]
