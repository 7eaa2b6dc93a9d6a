"use strict";
/* Links to pages that need a server show only where one gave this page out. */
(() => {
  const at = location.pathname.indexOf("/scorecards/");
  if (location.protocol === "file:" || at < 0) return;
  for (const link of document.querySelectorAll("a[data-served]")) {
    link.href = `${location.pathname.slice(0, at)}/voila/render/${link.dataset.served}`;
    link.hidden = false;
  }
})();
