// The page around `escrutaSeal`: camera and pictures in, one verdict out. Nothing that a code says is ever taken for HTML.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const parsed = (id) => JSON.parse(byId(id).textContent);
  const words = parsed("words");
  const list = escrutaSeal.openList(parsed("list"));
  let language = document.documentElement.lang;
  let shown = null; // what was found last, to be said again in another language

  // --- words ----------------------------------------------------------------------------------------------------------------------

  const say = (key, values = {}) => words[language][key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const count = (number) => new Intl.NumberFormat(words[language].locale, { useGrouping: "always" }).format(number);

  function moment(seconds) {
    const format = { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC", hourCycle: "h23" };
    return `${new Intl.DateTimeFormat(words[language].locale, format).format(seconds * 1000)} UTC`;
  }

  function element(name, className, ...content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  const fill = (id, ...content) => byId(id).replaceChildren(...content);
  const row = (name, value, className = "") => element("tr", "", element("th", "", name), element("td", className, value));

  function turnTo(code) {
    language = code;
    document.documentElement.lang = code;
    document.title = say("scanner.title");
    document.querySelectorAll("[data-say]").forEach((each) => (each.textContent = say(each.dataset.say)));
    document.querySelectorAll(".language").forEach((each) => {
      if (each.dataset.language === code) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    });
    showList();
    if (shown !== null) shown();
  }

  // --- what was found -------------------------------------------------------------------------------------------------------------

  const VERDICTS = {
    valid: ["good", "scanner.valid"],
    invalid: ["bad", "scanner.invalid"],
    revoked: ["bad", "scanner.revoked"],
    "no-seal": ["bad", "scanner.no_seal"],
    "unknown-key": ["warn", "scanner.unknown"],
    undecided: ["warn", "scanner.undecided"],
  };
  const REASONS = {
    "signature-false": "scanner.why_signature_false",
    "other-station": "scanner.why_other_station",
    "other-form": "scanner.why_other_form",
    "before-validity": "scanner.why_before_validity",
    "after-validity": "scanner.why_after_validity",
    "unknown-key": "scanner.why_unknown_key",
    revoked: "scanner.why_revoked",
    "stolen-later": "scanner.why_stolen_later",
    "revoked-later": "scanner.why_revoked_later",
    "own-claim": "scanner.why_own_claim",
    "list-is-older": "scanner.why_list_is_older",
    letters: "scanner.why_letters",
    form: "scanner.why_form",
  };
  const REVOKED = { lost: "scanner.lost", stolen: "scanner.stolen", replaced: "scanner.replaced", closed: "scanner.closed" };
  const RECIPIENTS = [
    "scanner.for_authority",
    "scanner.for_door",
    "scanner.for_box",
    "scanner.for_observer",
    "scanner.for_press",
  ];
  const ACTS = { canvass: "scanner.act_canvass", ruling: "scanner.act_ruling", rerun: "scanner.act_rerun" };
  const FIRST_WITNESS = 16;

  function verdict(kind, key, values) {
    const sign = { good: "\u2713", warn: "?", bad: "\u2717" }[kind];
    byId("verdict").className = kind;
    fill("verdict", ...(sign ? [element("b", "sign", sign)] : []), element("span", "", say(key, values)));
  }

  /** Shows one line in place of a verdict, in whatever language is chosen later. */
  function tell(key, kind = "") {
    shown = () => {
      verdict(kind, key);
      fill("reasons");
      byId("found").hidden = true;
    };
    shown();
  }

  function show(found) {
    shown = () => {
      const { seal, key, revocation } = found;
      verdict(...VERDICTS[found.status], { station: seal ? seal.sheet.station : "" });
      document.body.dataset.status = found.status;
      document.body.dataset.reasons = found.reasons.join(" ");
      const values = {
        station: key ? key.station : "",
        time: revocation ? moment(revocation[0]) : "",
        reason: revocation ? say(REVOKED[revocation[1]]) : "",
      };
      fill("reasons", ...found.reasons.map((reason) => element("li", "", say(REASONS[reason], values))));
      byId("found").hidden = !seal;
      byId("found").classList.toggle("doubtful", found.status !== "valid");
      if (seal) showSheet(seal.sheet, found.form);
    };
    shown();
    byId("verdict").focus({ preventScroll: true });
    byId("verdict").scrollIntoView({ block: "start" });
  }

  function showSheet(sheet, form) {
    const kind = [sheet.isZero ? say("scanner.zero") : say("scanner.closing"), ACTS[sheet.act] ? say(ACTS[sheet.act]) : ""];
    const rows = [
      row(say("scanner.station"), sheet.station),
      ...(form ? [row(say("scanner.contest"), form.contest)] : []),
      row(say("scanner.kind"), kind.filter(Boolean).join(" · ")),
      row(say("scanner.printed"), moment(sheet.printed)),
      row(say("scanner.copy"), [count(sheet.copy), recipient(sheet.recipient)].filter(Boolean).join(" · ")),
    ];
    fill("sheet", ...rows);
    const isKnown = form !== null && form.figures.length === sheet.figures.length;
    fill("figures", ...sheet.figures.map((figure, at) => figureRow(figure, nameOf(isKnown ? form : null, at))));
  }

  function recipient(code) {
    if (code >= FIRST_WITNESS) return say("scanner.for_witness", { number: count(code - FIRST_WITNESS + 1) });
    return RECIPIENTS[code - 1] ? say(RECIPIENTS[code - 1]) : "";
  }

  function nameOf(form, at) {
    if (form === null) return say("scanner.figure", { number: count(at + 1) });
    const own = `figure.${form.figures[at]}`;
    return words[language][own] || form.names[at] || form.figures[at];
  }

  function figureRow(figure, name) {
    if (typeof figure === "number") return row(name, count(figure));
    return row(name, say(`mark.${figure}`), "mark");
  }

  /** Puts the election's title before its id, where the page was written with one. */
  function named(id) {
    const title = say("election.name");
    return title ? element("span", "", `${title} `, element("code", "", id)) : id;
  }

  function showList() {
    const facts = [
      row(say("scanner.election"), named(list.election)),
      row(say("scanner.sequence"), count(list.sequence)),
      row(say("scanner.issued"), moment(list.issued)),
      row(say("scanner.keys"), count(list.keys.length)),
      row(say("scanner.revocations"), count(Object.keys(list.revoked).length)),
      row(say("scanner.signed_by"), list.signed_by.join(", ")),
      row(say("scanner.digest"), list.digest, "digest"),
    ];
    fill("list-facts", ...facts);
  }

  async function check(text) {
    show(await escrutaSeal.check(text, list));
  }

  // --- codes ----------------------------------------------------------------------------------------------------------------------

  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let detector = null;

  /** Opens the browser's own reader of codes, where it has one; it is quicker, and not always right to say that it is there. */
  async function openDetector() {
    try {
      const formats = await BarcodeDetector.getSupportedFormats();
      if (formats.includes("qr_code")) detector = new BarcodeDetector({ formats: ["qr_code"] });
    } catch (error) {
      detector = null;
    }
  }

  async function readByBrowser(source) {
    if (detector === null) return null;
    try {
      const found = await detector.detect(source);
      const best = found.find((each) => each.rawValue.startsWith("ESC1:")) || found[0]; // other codes may lie beside it
      return best ? best.rawValue : null;
    } catch (error) {
      return null;
    }
  }

  /** Reads a code with our copy of jsQR, in a picture whose longer side is at most `side`. */
  function readOurselves(source, width, height, side) {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
    return jsqr.readCode(pixels.data, pixels.width, pixels.height);
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

  async function readPicture(picture) {
    const found = await readByBrowser(picture);
    if (found) return found;
    for (const side of [1200, 800, 1800, 2600, 500]) {
      await pause();
      const text = readOurselves(picture, picture.width, picture.height, side);
      if (text) return text;
    }
    return null;
  }

  async function takePicture(file) {
    if (!file) return;
    stop();
    tell("scanner.reading");
    let picture = null;
    try {
      picture = await createImageBitmap(file);
    } catch (error) {
      tell("scanner.no_picture", "warn");
      return;
    }
    const text = await readPicture(picture);
    picture.close();
    if (text) await check(text);
    else tell("scanner.no_code", "warn");
  }

  // --- the camera -----------------------------------------------------------------------------------------------------------------

  const video = byId("video");
  let stream = null;

  function stop() {
    if (stream !== null) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    byId("finder").hidden = true;
  }

  async function start() {
    stop();
    const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      tell("scanner.camera_denied", "warn");
      return;
    }
    byId("finder").hidden = false;
    tell("scanner.looking");
    video.srcObject = stream;
    await video.play();
    watch(stream);
  }

  async function watch(own) {
    while (stream === own) {
      const text = video.videoWidth > 0 ? await readFrame() : null;
      if (stream !== own) return;
      if (text) {
        stop();
        await check(text);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  }

  async function readFrame() {
    return (await readByBrowser(video)) || readOurselves(video, video.videoWidth, video.videoHeight, 960);
  }

  // --- begin ----------------------------------------------------------------------------------------------------------------------

  async function main() {
    showList();
    await openDetector();
    const hasCamera = Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
    byId("camera").hidden = !hasCamera;
    if (!hasCamera) tell("scanner.no_camera");
    byId("camera").addEventListener("click", start);
    byId("stop").addEventListener("click", () => {
      stop();
      tell("scanner.waiting");
    });
    byId("picture").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      await takePicture(file);
      event.target.value = "";
    });
    byId("check").addEventListener("click", () => check(byId("text").value.replace(/^\s+|[\r\n]+$/g, "")));
    document.querySelectorAll(".language").forEach((each) => {
      each.addEventListener("click", () => turnTo(each.dataset.language));
    });
  }

  main();
})();
