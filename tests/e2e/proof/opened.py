"""A person at a browser before the page that checks one sheet, and the three kinds of browsers."""

from __future__ import annotations

import re
import time

from playwright.sync_api import BrowserContext, Page

WITHOUT_SUBTLE = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"
WITHOUT_SIGNATURES = """if (globalThis.SubtleCrypto) {
  SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('unknown here', 'NotSupportedError'));
}"""
MEANS = {"native": "", "no-signatures": WITHOUT_SIGNATURES, "no-subtle": WITHOUT_SUBTLE}
ALL_GOOD = "good good good good good open good good"
"""Inclusion, canonical form, two keys of the log, one log witness, one that did not cosign, another, the quorum."""
PATIENCE_S = 60


class Reader:
    """A person at a browser; whatever the page complains about or asks for is kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.got: list[str] = []
        self.opened = 0
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfinished", lambda request: self.got.append(request.url))

    def anew(self) -> Reader:
        """Forget everything, as if the browser had just been started."""
        self.page.goto("about:blank")
        self.page.set_viewport_size({"width": 1280, "height": 720})
        self.page.emulate_media(color_scheme="light")
        self.complaints.clear()
        self.asked.clear()
        self.got.clear()
        self.opened = 0
        return self

    def open(self, address: str) -> Reader:
        """Open a page anew, also where only what follows the # is another: the query makes it another document."""
        document, mark, place = address.partition("#")
        self.opened += 1
        self.page.goto(f"{document}?{self.opened}{mark}{place}" if mark and self.opened > 1 else address)
        return self

    def verdict(self) -> str:
        """Wait for the verdict; gives its kind. Playwright's own waits look only twice a second."""
        verdict = self.page.locator("#verdict")
        until = time.monotonic() + PATIENCE_S
        while not re.search("[✓!✗–]", verdict.text_content() or ""):
            assert time.monotonic() < until, "no verdict"
            self.page.wait_for_timeout(10)
        return verdict.get_attribute("class") or ""

    def lines(self) -> list[tuple[str, str]]:
        """What was checked: the kind of each line, and its words."""
        found = self.page.locator("#checks li").all()
        return [(each.get_attribute("class") or "", each.inner_text()) for each in found]

    def kinds(self) -> str:
        return " ".join(kind for kind, _ in self.lines())
