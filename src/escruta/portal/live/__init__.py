"""An open page notices when the figures that it shows have changed, and shows the new ones when it is asked to.

Nothing is pushed: a script asks for one small file, `version.json`, every half minute while the page is looked at, and
for the page itself when that file has changed. Without scripts, and from a folder, a page is what it was when it was
opened.
"""

from escruta.portal.live.pages import (
    LIVE,
    MADE_BY,
    VERSION,
    Version,
    live_style,
    read_version,
    script,
    script_tag,
    version_file,
)

__all__ = [
    "LIVE",
    "MADE_BY",
    "VERSION",
    "Version",
    "live_style",
    "read_version",
    "script",
    "script_tag",
    "version_file",
]
