// Makes the heads of a table into buttons that put its rows in order: by the value in a cell's data-v where the column has any, by its text
// where it has none. A cell without a value comes last in both directions. Rows of the same value stay as they were.
"use strict";

(() => {
  const main = document.getElementById("main");
  const texts = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const chosen = new Map(); // by the table's place in the page: the column and its direction, for when newer figures are shown

  const text = (row, at) => row.cells[at].textContent.trim();
  const value = (row, at) => Number(row.cells[at].dataset.v ?? NaN);

  function order(table, at, direction) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const sign = direction === "ascending" ? 1 : -1;
    const byValue = rows.some((row) => row.cells[at].dataset.v !== undefined);
    const known = rows.filter((row) => !byValue || row.cells[at].dataset.v !== undefined);
    const unknown = rows.filter((row) => byValue && row.cells[at].dataset.v === undefined);
    known.sort((a, b) => sign * (byValue ? value(a, at) - value(b, at) : texts.compare(text(a, at), text(b, at))));
    body.append(...known, ...unknown);
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (place === at) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
  }

  /** The most first, names from A; the same head once more: the other way round. */
  function next(head) {
    const first = head.classList.contains("n") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    return head.getAttribute("aria-sort") === first ? other : first;
  }

  function dress(table, which) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (head.querySelector("button") !== null) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        chosen.set(which, [at, next(head)]);
        order(table, ...chosen.get(which));
      });
    });
    if (chosen.has(which)) order(table, ...chosen.get(which));
  }

  function all() {
    main.querySelectorAll("table.sorts").forEach((table, which) => table.tBodies[0].rows.length > 1 && dress(table, which));
  }

  all();
  new MutationObserver(all).observe(main, { childList: true });
})();
