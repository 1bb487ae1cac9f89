"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const run = find("run");
  const bar = document.querySelector(".bar");
  const query = find("q");
  const count = find("count");
  const entries = [...run.querySelectorAll("article")];
  const sections = [...run.querySelectorAll("section")];
  const root = document.documentElement;
  const MOST_MARKS = 3000;

  // Looks.
  const kept = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("backrooms-theme");
      localStorage.setItem("backrooms-theme", value);
    } catch {
      // A page from a file may keep nothing.
    }
    return null;
  };
  const dark = () =>
    (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  if (["light", "dark"].includes(kept())) root.dataset.theme = kept();
  find("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    kept(root.dataset.theme);
  });

  // What is to be seen.
  const kinds = [...bar.querySelectorAll("[name=kind]")];
  const [who, room, flagged] = [find("who"), find("room"), find("flagged")];
  const filter = () => {
    const shown = new Set(kinds.filter((box) => box.checked).map((box) => box.value));
    const all = shown.size === kinds.length && !who.value && !room?.value && !flagged?.checked;
    for (const entry of entries) {
      entry.hidden =
        !shown.has(entry.classList[0]) ||
        (who.value && entry.dataset.who !== who.value) ||
        (room?.value && entry.dataset.room !== room.value) ||
        (flagged?.checked && !("flagged" in entry.dataset));
    }
    for (const section of sections) {
      section.hidden = !all && section.querySelector("article:not([hidden])") === null;
    }
    run.classList.toggle("part", !all);
    find("filtered").textContent = all ? "" : " •";
    search(false);
  };
  const showAll = () => {
    for (const box of kinds) box.checked = true;
    who.value = "";
    if (room) room.value = "";
    if (flagged) flagged.checked = false;
    filter();
  };

  // Search.
  let texts = null;
  let hits = [];
  let at = -1;
  let searched = "";
  const words = (entry) => {
    texts ??= new Map();
    if (!texts.has(entry)) {
      const [name, body] = entry.children;
      texts.set(entry, `${name.textContent}\n${body.textContent}`.toLowerCase());
    }
    return texts.get(entry);
  };
  const ranges = (entry, wanted, most) => {
    const found = [];
    const walker = document.createTreeWalker(entry, NodeFilter.SHOW_TEXT);
    while (found.length < most && walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest(".margin")) continue;
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (let i = text.indexOf(wanted); i >= 0 && found.length < most; i = text.indexOf(wanted, i + wanted.length)) {
        const range = document.createRange();
        range.setStart(node, i);
        range.setEnd(node, i + wanted.length);
        found.push(range);
      }
    }
    return found;
  };
  const mark = (name, marked) => {
    if (!globalThis.Highlight || !CSS.highlights) return;
    if (marked.length) CSS.highlights.set(name, new Highlight(...marked));
    else CSS.highlights.delete(name);
  };
  const search = (go = true) => {
    const wanted = (searched = query.value.trim().toLowerCase());
    for (const entry of hits) entry.classList.remove("hit", "current");
    hits = wanted ? entries.filter((entry) => !entry.hidden && words(entry).includes(wanted)) : [];
    at = -1;
    const marked = [];
    for (const entry of hits) {
      entry.classList.add("hit");
      if (marked.length < MOST_MARKS) marked.push(...ranges(entry, wanted, MOST_MARKS - marked.length));
    }
    mark("found", marked);
    mark("current", []);
    count.value = wanted ? (hits.length ? `${hits.length}` : "none") : "";
    if (go && hits.length) step(1);
  };
  const step = (by) => {
    if (!hits.length) return;
    hits[at]?.classList.remove("current");
    at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
    const entry = hits[at];
    entry.classList.add("current");
    const marked = ranges(entry, searched, MOST_MARKS);
    for (const range of marked) open(range.startContainer.parentElement);
    mark("current", marked);
    count.value = `${at + 1} of ${hits.length}`;
    see(entry);
  };
  let later = 0;
  query.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(search, 150);
  });
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(later);
      if (query.value.trim().toLowerCase() !== searched) search();
      else step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      query.value = "";
      search();
      query.blur();
    }
  });
  find("next").addEventListener("click", () => step(1));
  find("before").addEventListener("click", () => step(-1));

  // Where links lead.
  const open = (element) => {
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  const see = (element) => {
    // Twice: what comes into sight is laid out only then, and moves what is below it.
    element.scrollIntoView({ block: element.tagName === "SECTION" ? "start" : "center" });
    requestAnimationFrame(() => element.scrollIntoView({ block: element.tagName === "SECTION" ? "start" : "center" }));
  };
  const nearest = (seq) => {
    let found = null;
    for (const entry of entries) {
      if (Number(entry.id.slice(1)) > seq) break;
      found = entry;
    }
    return found;
  };
  const follow = () => {
    const id = location.hash.slice(1);
    if (!/^[et]\d+$/.test(id)) return;
    const element = find(id) || (id[0] === "e" ? nearest(Number(id.slice(1))) : null);
    if (!element) return;
    if (element.hidden || element.closest("[hidden]")) showAll();
    for (const old of run.querySelectorAll(".target")) old.classList.remove("target");
    element.classList.add("target");
    if (element.tagName === "ARTICLE") for (const fold of element.querySelectorAll("details")) fold.open = true;
    see(element);
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.seq, h2 > a");
    if (link) {
      navigator.clipboard?.writeText(link.href).then(
        () => {
          link.classList.add("copied");
          setTimeout(() => link.classList.remove("copied"), 1200);
        },
        () => {}, // the address bar has it
      );
    }
    if (event.target.closest("a[href^='#']")?.hash === location.hash) follow();
    const sheet = bar.querySelector(".filters");
    if (sheet.open && !sheet.contains(event.target)) sheet.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      query.focus();
      query.select();
    } else if (event.key === "Escape") {
      bar.querySelector(".filters").open = false;
    }
  });

  // On paper nothing is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")].filter((fold) => !bar.contains(fold));
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });

  bar.addEventListener("change", filter);
  bar.addEventListener("submit", (event) => event.preventDefault());
  find("reset").addEventListener("click", showAll);
  bar.hidden = false;
  filter();
  follow();
})();
