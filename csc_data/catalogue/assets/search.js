// Filters the list of everything by the words typed. The list is complete without this script.
(function () {
  var finder = document.getElementById("finder"), words = document.getElementById("words");
  var kind = document.getElementById("kind"), result = document.getElementById("result");
  var all = Array.from(document.querySelectorAll("#everything > li")).map(function (entry) {
    return {entry: entry, kind: entry.dataset.kind, text: (entry.textContent + " " + (entry.dataset.words || "")).toLowerCase()};
  });
  function show() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), found = 0;
    all.forEach(function (one) {
      var fits = (!kind.value || kind.value === one.kind) && wanted.every(function (word) { return one.text.includes(word); });
      one.entry.hidden = !fits;
      found += fits;
    });
    result.textContent = found === 1 ? "1 page" : found + " pages";
  }
  words.value = new URLSearchParams(location.search).get("q") || "";
  words.addEventListener("input", show);
  kind.addEventListener("change", show);
  finder.addEventListener("submit", function (event) { event.preventDefault(); });
  finder.hidden = false;
  show();
})();
