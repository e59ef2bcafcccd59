// Searches and filters the table of a published register: all of it is in register.json. Without this
// script the table stands as it is, with a link to the next part.
(async () => {
  const form = document.getElementById("finder"), body = document.querySelector("table.register tbody");
  if (!form || !body) return;
  const answer = await fetch("register.json").catch(() => null);  // none where the page is a file
  if (!answer || !answer.ok) return;
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const { columns, words, rows } = await answer.json();
  for (const row of rows) row.text = fold(row.text);
  const status = document.getElementById("found"), more = document.getElementById("more");
  const pager = document.querySelector("nav.pager"), before = [...body.children];
  const number = new Intl.NumberFormat(document.documentElement.lang), STEP = 100;
  const made = (name, text, given = {}) => Object.assign(document.createElement(name), { textContent: text, ...given });
  let matching = [], shown = 0;

  for (const select of form.querySelectorAll("select")) {
    const named = Object.entries(words[select.name] || {});
    named.sort((one, other) => one[1].localeCompare(other[1], document.documentElement.lang));
    select.append(...named.map(([value, text]) => made("option", text, { value })));
  }

  function line(row) {
    const tr = made("tr", "");
    columns.forEach((column, at) => {
      const cell = made(at ? "td" : "th", at ? row.cells[at] : "", { className: `c-${column}` });
      if (!at) {
        cell.scope = "row";
        cell.append(made("a", row.cells[0], { href: `agreements/${row.id}/index.html` }));
      } else if (row.cells[at] && (column === "status" || column === "grade")) {
        const kind = column === "status" ? `stage ${row.stage}` : `sure ${row.by.grade[0]}`;
        cell.replaceChildren(made("span", row.cells[at], { className: kind }));
      }
      tr.append(cell);
    });
    return tr;
  }

  function next() {
    body.append(...matching.slice(shown, shown + STEP).map(line));
    shown = Math.min(shown + STEP, matching.length);
    more.hidden = shown >= matching.length;
  }

  function matches(row, asked, wanted) {
    return asked.every(([name, value]) =>
      name === "since" ? row.on >= value : name === "until" ? row.on && row.on <= value
        : row.by[name].includes(value)) && wanted.every((word) => row.text.includes(word));
  }

  function find() {
    const given = [...new FormData(form)].filter(([, value]) => value.trim());
    const asked = given.filter(([name]) => name !== "q");
    const wanted = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    history.replaceState(null, "", given.length ? `#${new URLSearchParams(given)}` : location.pathname);
    matching = rows.filter((row) => matches(row, asked, wanted));
    if (pager) pager.hidden = given.length > 0;
    status.textContent = status.dataset.text.replace("{n}", number.format(matching.length)).replace("{of}", number.format(rows.length));
    shown = 0;
    body.replaceChildren(...(given.length ? [] : before));
    if (given.length) next(); else more.hidden = true;
  }

  function read() {
    form.reset();
    const taken = {};
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
      const field = fields[Math.min(taken[name] = (taken[name] ?? -1) + 1, fields.length - 1)];
      if (field) field.value = value;
    }
    find();
  }

  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(find));
  more.querySelector("button").addEventListener("click", next);
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();
