// What the pages of the app add to those of the report. They work without it.
"use strict";

// Say so when the files have changed since they were checked.
const watch = document.body.dataset.watch;
const changed = document.getElementById("changed");
if (watch && changed) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(watch, { credentials: "same-origin" });
      if (answer.ok) changed.hidden = !(await answer.json()).changed;
    } catch {
      // csc-data was closed: the next page that is asked for says so.
    }
  }, 3000);
}

// A press on a button that starts a check shows at once that it was heard.
for (const button of document.querySelectorAll("[data-check], [data-again]")) {
  button.form.addEventListener("submit", () => {
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Checking…";
  });
}

// Files are dropped anywhere on their part of the page.
for (const part of document.querySelectorAll(".app-supply")) {
  const input = part.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    part.addEventListener(name, (event) => {
      event.preventDefault();
      part.classList.add("app-supply--over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    part.addEventListener(name, () => part.classList.remove("app-supply--over"));
  }
  part.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}

// A choice in a filter shows the list at once.
for (const form of document.querySelectorAll("form.app-controls")) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
}

// What is wrong is read out, and an issue that was asked for is opened.
document.getElementById("problem")?.focus();
if (location.hash.startsWith("#issue-")) document.querySelector(`${location.hash} summary`)?.focus();
