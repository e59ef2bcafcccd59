// Searches, filters and sorts the table of a published register, whose rows stand in its page and in those
// that follow. Without this script each page stands as it is, with a link to the next one.
(async () => {
  const form = document.getElementById("finder"), table = document.querySelector("table.register");
  if (!form || !table) return;
  const language = document.documentElement.lang, order = new Intl.Collator(language, { numeric: true });
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const status = document.getElementById("found"), more = document.getElementById("more");
  const heads = [...table.tHead.rows[0].cells], number = new Intl.NumberFormat(language);
  const rows = [], words = {}, STEP = 100;
  let matching = rows, shown = 0;

  function take(page, address) {  // the rows of a page; returns the address of the page that follows
    for (const tr of page.querySelectorAll("table.register tbody tr")) {
      const link = tr.querySelector("a"), { on, by } = JSON.parse(tr.dataset.found);
      link.href = new URL(link.getAttribute("href"), address);
      for (const name in by) words[name] = { ...words[name], ...by[name] };
      rows.push({ tr, on, by, text: fold(`${tr.textContent} ${link.title}`) });
    }
    const next = page.querySelector("a[rel=next]");
    return next && new URL(next.getAttribute("href"), address);
  }

  function next() {
    shown += STEP;
    table.tBodies[0].replaceChildren(...matching.slice(0, shown).map((row) => row.tr));
    more.hidden = shown >= matching.length;
  }

  function find() {
    const given = [...new FormData(form)].filter(([, value]) => value.trim());
    const asked = given.filter(([name]) => name !== "q");
    const wanted = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    history.replaceState(null, "", given.length ? `#${new URLSearchParams(given)}` : location.pathname);
    matching = rows.filter(({ on, by, text }) => wanted.every((word) => text.includes(word)) && asked.every(
      ([name, value]) => name === "since" ? on >= value : name === "until" ? on && on <= value : value in by[name]));
    const told = { n: number.format(matching.length), of: number.format(rows.length) };
    status.textContent = status.dataset.text.replace(/\{(\w+)\}/g, (_, name) => told[name]);
    shown = 0;
    next();
  }

  function empty() {  // at once: a browser tells of its reset later, when the address may be another
    for (const field of form.elements) field.value = "";
  }

  function read() {
    empty();
    const taken = {};
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
      const field = fields[Math.min(taken[name] = (taken[name] ?? -1) + 1, fields.length - 1)];
      if (field) field.value = value;
      if (field && value) field.closest("details")?.setAttribute("open", "");
    }
    find();
  }

  function sort(head) {  // by what a column shows, days by themselves; what shows nothing comes last
    const cell = ({ tr }) => tr.cells[head.cellIndex], day = (row) => cell(row).querySelector("time")?.dateTime ?? "";
    const text = (row) => cell(row).textContent.trim() || cell(row).querySelector("[aria-label]")?.ariaLabel || "";
    const isDay = rows.some(day), by = new Map(rows.map((row) => [row, isDay ? day(row) : text(row)]));
    const falls = head.ariaSort ? head.ariaSort === "ascending" : isDay;
    rows.sort((one, other) => !by.get(one) - !by.get(other) || order.compare(by.get(one), by.get(other)) * (falls ? -1 : 1));
    for (const other of heads) other.ariaSort = other === head ? (falls ? "descending" : "ascending") : null;
    find();
  }

  try {
    for (let address = take(document, location.href); address;) {
      const answer = await fetch(address);
      if (!answer.ok) return;
      address = take(new DOMParser().parseFromString(await answer.text(), "text/html"), address);
    }
  } catch { return; }  // a page that is no more than a file reads no others
  for (const name in words) {
    const named = Object.entries(words[name]).sort((one, other) => order.compare(one[1], other[1]));
    for (const select of form.querySelectorAll(`select[name=${name}]`)) select.append(...named.map(([value, text]) => new Option(text, value)));
  }
  for (const head of heads) {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => { event.preventDefault(); empty(); find(); });
  more.querySelector("button").addEventListener("click", next);
  addEventListener("hashchange", read);
  document.querySelector("nav.pager")?.remove();
  form.hidden = false;
  read();
})();
