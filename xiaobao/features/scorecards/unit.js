"use strict";
/* Links to pages that need a server show only where one gave this page out; an address may name the part to open. */
(() => {
  const at = location.pathname.indexOf("/scorecards/");
  if (location.protocol !== "file:" && at >= 0)
    for (const link of document.querySelectorAll("a[data-served]")) {
      link.href = `${location.pathname.slice(0, at)}/voila/render/${link.dataset.served}`;
      link.hidden = false;
    }
  const open = () => {
    const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = part && part.closest("details");
    if (fold) { fold.open = true; part.scrollIntoView(); part.classList.add("named"); }
  };
  addEventListener("hashchange", open);
  open();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
})();
