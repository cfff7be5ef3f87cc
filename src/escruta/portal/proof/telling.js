// What pages that verify something have in common: words, elements, and the lines that say what was checked. Text goes in as text.
"use strict";

const telling = (() => {
  const { MLDSA44, toBase64 } = verifying;
  const words = JSON.parse(document.getElementById("words").textContent);
  const names = JSON.parse(document.getElementById("names").textContent);
  const numbers = new Intl.NumberFormat(words.locale, { useGrouping: "always" });
  const times = new Intl.DateTimeFormat(words.locale, { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function fill(root, id, ...children) {
    const found = root.querySelector(`#${id}`);
    found.replaceChildren(...children);
    found.hidden = children.length === 0;
  }

  function row(head, cell, note) {
    const th = element("th", "", head);
    th.scope = "row";
    if (note) th.append(element("small", "", note));
    return element("tr", "", th, element("td", "", cell));
  }

  const figureWord = (figure) => words[`figure.${figure}`];
  const markWord = (mark) => words[`mark.${mark}`] || mark;

  /** One line of what was checked; `ok` is true, false, or null for what could not be checked. */
  function line(ok, text, note) {
    const [className, sign, word] = ok === null ? ["open", "–", "open"] : ok ? ["good", "✓", "good"] : ["bad", "✗", "bad"];
    const mark = element("b", "sign", sign, element("span", "vh", ` ${say(`sign.${word}`)}: `));
    return element("li", className, mark, element("span", "", text, ...(note ? [element("small", "", note)] : [])));
  }

  const keyNote = (key) => say("key.id", { id: key.id, kind: key.kind === MLDSA44 ? "ML-DSA-44" : "Ed25519" });

  function logLine({ key, ok }) {
    const text = ok === null ? "log.silent" : ok ? "log.signed" : "log.false";
    return line(ok, say(text, { name: key.name }), keyNote(key));
  }

  function witnessLine({ key, ok, time }) {
    const values = { name: key.label, time: time ? times.format(new Date(time * 1000)) : "" };
    return line(ok, say(ok === null ? "witness.silent" : ok ? "witness.signed" : "witness.false", values), keyNote(key));
  }

  function quorumLine({ policy, cosigned, hasQuorum }) {
    const values = { k: numbers.format(cosigned), n: numbers.format(policy.witnesses.length) };
    if (!policy.asks) return line(null, say(policy.witnesses.length ? "quorum.not_asked" : "quorum.nobody", values));
    return line(hasQuorum, say(hasQuorum ? "quorum.met" : "quorum.unmet", values));
  }

  function linesOf(found) {
    const { index, checkpoint } = found.proof;
    const values = { index: numbers.format(index), size: numbers.format(checkpoint.size) };
    return [
      line(found.isIncluded, say(found.isIncluded ? "included" : "not_included", values), toBase64(checkpoint.root)),
      line(found.isCanonical, say(found.isCanonical ? "canonical" : "not_canonical")),
      ...(found.logs.length ? found.logs.map(logLine) : [line(false, say("log.unknown", { name: checkpoint.origin }))]),
      ...found.witnesses.map(witnessLine),
      quorumLine(found),
    ];
  }

  function verdictOf(found) {
    if (!found.isIncluded || !found.isSigned || !found.isCanonical) return ["bad", "verdict.bad"];
    if (!found.hasQuorum) return ["warn", "verdict.quorum"];
    if (found.isSealed) return ["warn", "verdict.sealed"];
    return found.policy.asks ? ["good", "verdict.good"] : ["warn", "verdict.unwitnessed"];
  }

  function showVerdict(kind, key, values) {
    const box = document.getElementById("verdict");
    box.className = kind;
    const sign = { good: "✓", warn: "!", bad: "✗" }[kind] || "–";
    fill(document, "verdict", element("b", "sign", sign), element("span", "", say(key, values)));
  }

  function showKeys(policy) {
    const keys = [...policy.logs, ...policy.witnesses].map((key) => {
      const whose = key.label === undefined ? say("key.log") : say("key.witness", { name: key.label });
      return element("li", "", element("b", "", key.name), ` ${whose} · ${keyNote(key)}`, element("code", "", key.spoken));
    });
    fill(document, "keys", ...keys);
  }
  function download(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = element("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  return {
    download, element, figureWord, fill, line, linesOf, markWord, names, numbers, row, say, showKeys, showVerdict, verdictOf, words,
  };
})();
