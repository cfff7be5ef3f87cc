// Notices, while a page is looked at, that its figures have changed, and shows the new ones when it is asked to.
//
// Every half minute it asks for version.json, and for this page when that has changed. In a frame of another site, where there is no room
// for a question, it shows the new figures by itself. From a folder (file:) it does nothing.
"use strict";

(() => {
  const EVERY_MS = 30_000;
  const element = document.currentScript;
  const main = document.getElementById("main");
  const isServed = location.protocol === "http:" || location.protocol === "https:";
  if (!isServed || main === null || main.querySelector("form") !== null) return;

  const words = element.dataset;
  const address = new URL("../version.json", element.src);
  let shown = main.innerHTML; // as it was parsed, before anything changed it
  let version = null;
  let waiting = null; // the new page, until somebody wants to see it

  async function asked(url) {
    const answer = await fetch(url, { cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.text();
  }

  /** The time in the zone of the election and in UTC. */
  function now() {
    const say = (timeZone) =>
      new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", timeZone }).format(new Date());
    const utc = `${say("UTC")} UTC`;
    return words.zone === "UTC" ? utc : `${say(words.zone)} ${words.zone.replace(/_/g, " ")} (${utc})`;
  }

  function notice(...children) {
    let box = document.getElementById("live");
    if (box === null) {
      box = document.createElement("p");
      box.id = "live";
      box.setAttribute("role", "status");
      main.before(box);
    }
    box.replaceChildren(...children);
  }

  function swap() {
    const open = [...main.querySelectorAll("details")].map((each) => each.open);
    shown = waiting.main.innerHTML;
    main.replaceChildren(...waiting.main.childNodes);
    main.querySelectorAll("details").forEach((each, at) => (each.open = open[at] || false));
    document.title = waiting.title;
    waiting = null;
    if (location.hash) {
      const at = scrollY; // the part that the address names is a new one: it must be named again
      location.replace(location.hash);
      scrollTo(scrollX, at);
    }
    notice(words.shown.replace("{time}", now()));
  }

  function offer() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words.show;
    button.addEventListener("click", swap);
    notice(`${words.newer} `, button);
  }

  /** Offers no more what was newer once, and is not any more. */
  function withdraw() {
    if (waiting !== null) notice();
    waiting = null;
  }

  async function look() {
    if (document.hidden) return;
    const current = await asked(address);
    if (current === version) return;
    const page = new DOMParser().parseFromString(await asked(location.pathname), "text/html");
    const found = page.getElementById("main");
    version = current;
    if (found === null) return;
    if (found.innerHTML === shown) return withdraw();
    waiting = { main: document.importNode(found, true), title: page.title };
    if (location.hash === "#embed") swap();
    else offer();
  }

  const quietly = () => look().catch(() => {}); // the server may be away; the page stays as it is
  setInterval(quietly, EVERY_MS);
  document.addEventListener("visibilitychange", quietly);
})();
