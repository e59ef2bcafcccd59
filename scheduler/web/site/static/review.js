// The keys of the review queue and of the register, and where the focus goes when htmx has swapped an answer in.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  const keys = document.getElementById("keys");
  if (!queue || !keys) return;
  const isOn = document.getElementById("keys-on");
  const KEPT = "accordwatch-keys";
  let lastAnswered = null; // the id of the place that was answered last

  keys.hidden = false;
  isOn.checked = localStorage.getItem(KEPT) !== "off";
  isOn.addEventListener("change", () => localStorage.setItem(KEPT, isOn.checked ? "on" : "off"));

  const places = () => [...queue.querySelectorAll("article")];
  const current = () => document.activeElement.closest("#queue article");
  // Before the first j, an answer is for the first document that waits.
  const meant = () => current() || places().find((one) => "open" in one.dataset);

  function go(place) {
    if (!place) return;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = places();
    const at = all.indexOf(current());
    go(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  function press(place, selector) {
    const button = place && place.querySelector(selector);
    if (button) button.click();
  }

  // The page of an entry asks before it is removed: Enter then says yes.
  function no() {
    const asks = meant() && meant().querySelector(".asks");
    if (!asks) return press(meant(), 'button[value="no"]');
    asks.open = true;
    asks.querySelector("button").focus();
  }

  function undo() {
    const here = current();
    const answered = here && here.matches(".answered") ? here : document.getElementById(lastAnswered);
    press(answered || document.querySelector("main > .done"), ".undo button");
  }

  const ACTS = {
    j: () => step(1),
    k: () => step(-1),
    y: () => press(meant(), 'button[value="yes"]'),
    n: no,
    c: () => press(meant(), ".corrects"),
    u: undo,
    1: () => press(meant(), ".says-one"),
    2: () => press(meant(), ".says-two"),
    3: () => press(meant(), ".skips"),
    "?": () => {
      keys.scrollIntoView({ block: "center" });
      keys.focus({ preventScroll: true });
    },
  };

  // Single letters act only while the queue, or nothing, has the focus, and not where one writes.
  document.addEventListener("keydown", (event) => {
    const act = ACTS[event.key];
    const at = document.activeElement;
    const isFree = at === document.body || at === keys || at.matches(".done") || queue.contains(at);
    const isWriting = at.matches('input:not([type="checkbox"]), select, textarea');
    const isChord = event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (!act || !isOn.checked || !isFree || isWriting || isChord) return;
    event.preventDefault();
    act();
  });

  // Without script "skip" loads the queue from the next document on.
  queue.addEventListener("click", (event) => {
    const skips = event.target.closest(".skips");
    if (!skips || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(places()[places().indexOf(skips.closest("article")) + 1] || skips.closest("article"));
  });

  const place = (detail) => {
    const target = detail.ctx.target;
    const id = typeof target === "string" ? target.replace("#", "") : target && target.id;
    return id ? document.getElementById(id) : null;
  };

  // An answer leads to the next open document, or to the undo button after the last one.
  document.addEventListener("htmx:after:swap", (event) => {
    const swapped = place(event.detail);
    if (!swapped || !swapped.matches("article")) return;
    if (!swapped.matches(".answered")) {
      const field = swapped.querySelector('[aria-invalid], input[name="parties"]');
      (field || swapped).focus();
      return;
    }
    lastAnswered = swapped.id;
    const all = places();
    const at = all.indexOf(swapped);
    const open = [...all.slice(at + 1), ...all.slice(0, at)].find((one) => "open" in one.dataset);
    if (open) go(open);
    else (swapped.querySelector(".undo button") || swapped).focus();
  });

  // No answer at all: the server is down, or the network.
  document.addEventListener("htmx:error", (event) => {
    const sender = event.detail.ctx && event.detail.ctx.sourceElement;
    const trouble = sender && sender.closest("article").querySelector(".trouble");
    if (trouble) trouble.textContent = keys.dataset.offline;
  });
})();
