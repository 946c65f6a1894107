// The workbench: what is dragged or typed is drawn again at once, and sharpened while somebody looks on.
"use strict";

const status_ = document.getElementById("bench-status");
const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

// A part takes another's place; what was unfolded stays so, and the keyboard's focus stays where it was.
const swap = (id, page) => {
  const old = document.getElementById(id), part = page.getElementById(id);
  if (!old || !part) return null;
  const folds = [...old.querySelectorAll("details")].map((one) => one.open);
  const all = (place) => [...place.querySelectorAll("a, summary, input, [tabindex]")];
  const at = all(old).indexOf(document.activeElement);
  const fresh = document.importNode(part, true);
  const unfolds = [...fresh.querySelectorAll("details")];
  if (unfolds.length === folds.length) unfolds.forEach((one, place) => { one.open = folds[place]; });
  old.replaceWith(fresh);
  if (at >= 0) all(fresh)[at]?.focus({ preventScroll: true });
  if (status_ && fresh.dataset.says && status_.textContent !== fresh.dataset.says) status_.textContent = fresh.dataset.says;
  return fresh;
};

// Figures stay, paler, until there are others: what has none yet only says where they will be.
const show = (page) => {
  const old = document.getElementById("bench-figures"), fresh = page.getElementById("bench-figures");
  if (fresh.dataset.at && !fresh.querySelector("[data-figure]") && old.querySelector("[data-figure]")) {
    old.dataset.at = fresh.dataset.at;
    old.dataset.in = fresh.dataset.in;
    old.classList.add("old");
    if (status_) status_.textContent = fresh.dataset.says;
    return;
  }
  swap("bench-figures", page);
  swap("bench-glance", page);
};

// Figures that are not the sharpest yet say where the next ones are.
let round = 0;
const sharpen = () => {
  const mine = ++round, place = document.getElementById("bench-figures");
  if (!place) return;
  if (place.dataset.resend) setTimeout(() => { if (mine === round) redraw ? redraw() : location.reload(); }, 1000 * place.dataset.resend);
  if (!place.dataset.at) return;
  const look = async () => {
    if (mine !== round) return;
    if (document.hidden) { setTimeout(look, 2000); return; }
    let page = null;
    try {
      const answer = await fetch(place.dataset.at, { headers: { "x-lifepot-part": "bench-figures" }, credentials: "same-origin" });
      if (answer.status === 200) page = await parsed(answer);
    } catch { /* the line is down: ask again */ }
    if (mine !== round) return;
    if (!page) { setTimeout(look, 1000); return; }
    show(page);
    sharpen();
  };
  setTimeout(look, 1000 * place.dataset.in);
};

let redraw = null;
const form = document.querySelector("form[data-bench]");
if (form) {
  document.querySelectorAll(".unscripted").forEach((one) => { one.hidden = true; });
  const text = form.elements.text;
  let changed = false, busy = false, waiting;

  // Each slider moves its number, and follows it. New fields, too, once numbers are listed anew.
  const tie = () => {
    for (const slider of form.querySelectorAll("input[type=range]")) slider.hidden = false;
  };
  form.addEventListener("input", (event) => {
    const one = event.target;
    if (one.dataset.for) document.getElementById(one.dataset.for).value = one.value;
    if (one.dataset.which && one.value !== "") form.querySelector(`[data-for="${one.id}"]`).value = one.value;
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(redraw, one === text ? 300 : 80);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formAction !== form.action) return;
    event.preventDefault();
    changed = true;
    redraw();
  });
  // A button that takes a file leaves the page as it is, and may be pressed again.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.dataset.file !== undefined) setTimeout(() => form.querySelectorAll("button").forEach((one) => { one.disabled = false; }), 1000);
  });
  // A fault's link leads to its place in the text.
  form.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    text.closest("details").open = true;
    const lines = text.value.split("\n"), line = Number(link.dataset.line) - 1;
    const begins = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(begins, begins + (lines[line] ?? "").length);
    text.scrollTop = text.scrollHeight * Math.max(line - 4, 0) / lines.length;
  });

  const fields = (place) => [...place.querySelectorAll("input[data-which]")];
  const apply = (page) => {
    show(page);
    swap("bench-faults", page);
    document.getElementById("bench-title").textContent = page.getElementById("bench-title").textContent;
    sharpen();
    // What was changed meanwhile is asked next; it begins from what was sent, so text and numbers stay as they are.
    if (changed) return;
    const fresh = page.getElementById("text").value;
    if (text.value !== fresh) text.value = fresh;
    const mine = fields(form), theirs = fields(page.getElementById("bench-numbers"));
    const alike = mine.length === theirs.length && mine.every((one, at) => one.dataset.which === theirs[at].dataset.which);
    if (!alike) { swap("bench-numbers", page); tie(); return; }
    mine.forEach((one, at) => {
      one.name = theirs[at].name;
      if (one !== document.activeElement) one.value = theirs[at].value;
      document.getElementById(`u${one.id.slice(1)}`).textContent = page.getElementById(`u${one.id.slice(1)}`).textContent;
      const slider = form.querySelector(`[data-for="${one.id}"]`);
      if (slider !== document.activeElement) slider.value = theirs[at].value;
    });
  };
  redraw = async () => {
    if (busy) return;
    busy = true;
    changed = false;
    round++;
    const place = document.getElementById("bench-figures");
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin",
        headers: { "x-lifepot-part": "bench-figures" },
      });
      const page = await parsed(answer);
      if (page.getElementById("bench-figures")) apply(page);
      else if (status_) status_.textContent = page.querySelector("main")?.textContent.trim().replace(/\s+/g, " ") ?? "";
    } catch {
      if (status_) status_.textContent = "The server does not answer.";
    } finally {
      document.getElementById("bench-figures")?.removeAttribute("aria-busy");
      busy = false;
      if (changed) redraw();
    }
  };
  tie();
}
sharpen();
