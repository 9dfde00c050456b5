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

// The files that stand in a folder itself, as a person sees them there: neither those of folders within it nor hidden ones.
const isShown = (name) => !name.startsWith(".") && !name.startsWith("~$");

function choose(part, files, from) {
  const held = new DataTransfer();
  // A file of its own, as that of a folder is sent under a name with the folder in it.
  for (const file of files) held.items.add(new File([file], file.name));
  part.querySelector("input[type=file]").files = held.files;
  const number = files.length === 1 ? "1 file" : `${files.length} files`;
  part.querySelector(".app-chosen").textContent = files.length
    ? `${number} of the folder ${from} chosen.`
    : `No file stands in the folder ${from} itself. Choose the folder within it that holds the files.`;
}

async function filesIn(directory) {
  const reader = directory.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    for (const entry of entries.filter((each) => each.isFile && isShown(each.name))) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    }
  }
}

for (const folder of document.querySelectorAll(".app-folder")) {
  const input = folder.querySelector("input");
  folder.hidden = !("webkitdirectory" in input);
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    const [name] = input.files[0].webkitRelativePath.split("/");
    const files = [...input.files].filter((file) => file.webkitRelativePath.split("/").length === 2 && isShown(file.name));
    choose(folder.closest(".app-supply"), files, name);
  });
}

// Files, or one folder of them, are dropped anywhere on their part of the page.
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
  part.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    if (entries.length === 1 && entries[0]?.isDirectory && input.multiple) {
      choose(part, await filesIn(entries[0]), entries[0].name);
      return;
    }
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}

// A choice in a filter shows the list at once.
for (const form of document.querySelectorAll("form.app-controls")) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
}

// What is wrong is read out. What an address points at, such as the note that was just kept, the browser itself focuses.
document.getElementById("problem")?.focus();
