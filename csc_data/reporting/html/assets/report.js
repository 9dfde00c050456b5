// Filters, sorting and printing. The page is whole without any of it.
"use strict";

for (const controls of document.querySelectorAll("[data-list]")) {
  const list = document.getElementById(controls.dataset.list);
  const items = [...list.querySelectorAll(":scope > [data-item]")];
  const words = new Map(items.map((item) => [item, wordsOf(item)]));
  const filters = [...controls.querySelectorAll("[data-filter]")];
  const sort = controls.querySelector("[data-sort]");
  const result = controls.querySelector("[data-result]");
  const nothing = document.querySelector(`[data-nothing="${list.id}"]`);

  const filter = () => {
    let shown = 0;
    for (const item of items) {
      item.hidden = !filters.every((one) => fits(item, one));
      shown += item.hidden ? 0 : 1;
    }
    nothing.hidden = shown > 0;
    result.textContent = `Showing ${shown.toLocaleString("en-GB")} of ${items.length.toLocaleString("en-GB")} ${result.dataset.what}`;
  };
  const fits = (item, one) => {
    const wanted = one.value.trim().toLowerCase();
    if (!wanted) return true;
    if (one.dataset.filter === "text") return wanted.split(/\s+/).every((word) => words.get(item).includes(word));
    return item.dataset[one.dataset.filter].toLowerCase().split("|").includes(wanted);
  };
  const order = () => {
    const [key, direction] = sort.value.split(":");
    const sign = direction === "desc" ? -1 : 1;
    const sorted = [...items].sort((a, b) => sign * compare(a.dataset[key], b.dataset[key]));
    list.append(...sorted);
  };

  controls.addEventListener("input", filter);
  controls.addEventListener("submit", (event) => event.preventDefault());
  sort.addEventListener("change", order);
  controls.querySelector("[data-clear]").addEventListener("click", () => {
    controls.reset();
    order();
    filter();
  });
  controls.hidden = false;
  order();
  filter();
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "csc-sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const sign = descending ? -1 : 1;
      const body = table.tBodies[0];
      const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      body.append(...[...body.rows].sort((a, b) => sign * compare(value(a), value(b))));
    });
  });
}

// What a filter by words looks at: everything said about the item except the rows it lists.
function wordsOf(item) {
  const copy = item.cloneNode(true);
  copy.querySelectorAll(".csc-rows").forEach((rows) => rows.remove());
  return copy.textContent.toLowerCase();
}

function compare(a, b) {
  const numbers = [a, b].map((text) => Number(text.replace(/[,%]/g, "")));
  return numbers.some(Number.isNaN) ? a.localeCompare(b, "en-GB", { numeric: true }) : numbers[0] - numbers[1];
}

// A link to a rule opens it.
function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.closest("[data-item]").hidden = false;
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", open);
open();

// On paper nothing can be opened: rules are printed open, their rows only where the reader opened them.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll('#rule-list .csc-rule:not([open]), [data-print="open"]:not([open])')];
  opened.forEach((rule) => (rule.open = true));
});
addEventListener("afterprint", () => opened.forEach((rule) => (rule.open = false)));
