// Makes quicker what works without it. Nothing is shown here that the server did not write.
"use strict";

// A part of a page that follows its form: <form data-redraws="#id"> is asked anew, by GET, as its fields change.
for (const form of document.querySelectorAll("form[data-redraws]")) {
  const place = document.querySelector(form.dataset.redraws);
  let asked = 0, waiting;
  const redraw = async () => {
    const mine = ++asked;
    const address = form.action.split("?")[0] + "?" + new URLSearchParams(new FormData(form));
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { "x-lifepot-part": place.id }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.getElementById(place.id);
      if (mine === asked && part) place.replaceChildren(...part.childNodes);
    } finally {
      if (mine === asked) place.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 120); });
}

// A part that is not finished yet: <div id data-again="seconds"> is asked anew until the page says no more.
const again = (place) => {
  if (!place || !place.dataset.again) return;
  setTimeout(async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById(place.id);
    if (!part) { location.reload(); return; }
    place.replaceWith(part);
    again(part);
  }, 1000 * Number(place.dataset.again));
};
document.querySelectorAll("[data-again]").forEach(again);

// A button is pressed once; the server would not do it twice anyway.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  setTimeout(() => event.target.querySelectorAll("button").forEach((one) => { one.disabled = true; }), 0);
});
window.addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((one) => { one.disabled = false; }));

// What is wrong is where one looks first.
document.getElementById("faults")?.focus();

// A form that takes a file also takes one that is dropped on it.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const field = form.querySelector("input[type=file]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      field.files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
}
