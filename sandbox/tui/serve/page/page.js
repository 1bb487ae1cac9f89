"use strict";

// No text of an agent opens a page, however much it looks like a link.
window.open = () => null;

const TRY_AGAIN = 2000; // milliseconds
const why = document.getElementById("why");
const again = document.getElementById("again");

again.addEventListener("click", () => location.reload());

async function sayWhy() {
  let status = 0, words = "";
  try {
    const answer = await fetch("/alive", { cache: "no-store" });
    status = answer.status;
    words = await answer.text();
  } catch {
    // Nobody answers: the same as a server that is about to stop.
  }
  again.hidden = status !== 200;
  if (status === 200) {
    why.textContent = words;
    again.focus();
  } else if (status === 403) {
    why.textContent = "The server was started anew: open the address that it has printed.";
  } else {
    why.textContent = "The server is gone. It is looked for …";
    setTimeout(sayWhy, TRY_AGAIN);
  }
}

const watch = new MutationObserver(() => {
  if (document.body.classList.contains("-closed")) {
    watch.disconnect();
    sayWhy();
  } else if (document.body.classList.contains("-first-byte")) {
    document.querySelector(".xterm-helper-textarea").focus();
  }
});
watch.observe(document.body, { attributes: true, attributeFilter: ["class"] });
