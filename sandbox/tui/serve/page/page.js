"use strict";

// No text of an agent opens a page, however much it looks like a link.
window.open = () => null;

const TRY_AGAIN = 2000; // milliseconds
const why = document.getElementById("why");
const again = document.getElementById("again");

again.addEventListener("click", () => location.reload());

async function sayWhy() {
  let answer = null;
  try {
    answer = await fetch("/alive", { cache: "no-store" });
  } catch {
    why.textContent = "The server is gone. It is looked for …";
    again.hidden = true;
    setTimeout(sayWhy, TRY_AGAIN);
    return;
  }
  again.hidden = !answer.ok;
  why.textContent = answer.ok
    ? await answer.text()
    : "The server was started anew: open the address that it has printed.";
}

const watch = new MutationObserver(() => {
  if (document.body.classList.contains("-closed")) {
    watch.disconnect();
    sayWhy();
  }
});
watch.observe(document.body, { attributes: true, attributeFilter: ["class"] });
