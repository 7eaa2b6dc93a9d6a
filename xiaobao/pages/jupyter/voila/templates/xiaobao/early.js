// Draws what the server sent with a page before the notebook's own scripts come, if they come at all.

/** Show the cells that are there; more may follow. */
window.xiaobaoShow = function () {
  var loading = document.getElementById("loading");
  if (loading) { loading.remove(); }
  document.getElementById("rendered_cells").style.display = "";
  window.xiaobaoDrawn = true;
  document.querySelectorAll(".pick select[name=unit]:not([data-sought])").forEach(window.xiaobaoSearch);
};

/** Put a field before a list of units that keeps those whose name, number or initials hold what is typed. */
window.xiaobaoSearch = function (list) {
  if (list.options.length < 8) { return; }
  var every = Array.prototype.slice.call(list.options);
  var said = every.map(function (one) { return (one.text + " " + (one.dataset.find || "")).normalize("NFKC").toLowerCase(); });
  var field = document.createElement("input");
  var counted = document.createElement("span");
  list.dataset.sought = "";
  field.type = "search";
  field.placeholder = "名称、编号、首字母";
  field.title = "拼音首字母如 cqfh 找重庆分行";
  field.setAttribute("aria-label", "查找机构");
  field.maxLength = 60;
  counted.setAttribute("aria-live", "polite");
  counted.className = "muted";
  field.addEventListener("input", function () {
    var wanted = field.value.trim().normalize("NFKC").toLowerCase();
    var chosen = list.value;
    var kept = every.filter(function (one, place) { return said[place].indexOf(wanted) >= 0; });
    var offered = kept.length ? kept : every;
    list.replaceChildren.apply(list, offered);
    list.value = offered.some(function (one) { return one.value === chosen; }) ? chosen : offered[0].value;
    counted.textContent = !wanted ? "" : kept.length ? kept.length + " 家" : "没有符合的机构";
  });
  list.parentElement.after(field, counted);
};

/** Draw the overview's board from its figures in the page. It never asks its kernel. */
window.xiaobaoBoard = function (script, address) {
  var told = JSON.parse(script.previousElementSibling.textContent);
  var style = document.createElement("style");
  var host = document.createElement("div");
  style.textContent = told.css;
  host.className = "xb-drawn";
  script.parentElement.insertBefore(style, script);
  script.parentElement.insertBefore(host, script);
  window.xiaobaoShow();
  import(address).then(function (board) {
    board.default.render({ model: { get: function () { return told.overview; } }, el: host });
  }).catch(function () {
    host.setAttribute("role", "alert");
    host.textContent = "图表没有取到，请刷新页面；仍不行时，请把页面地址和时间告诉系统管理员。";
  });
};

// Draws a page of forms from what the server sent with it. The notebook's own scripts, many and large, come after it
// and take it over; they move the whole of the cells into a panel of theirs, which must not be felt by whoever types.
window.xiaobaoDraw = function (script) {
  var KIND = "application/vnd.xiaobao.page+json";
  var data = JSON.parse(script.previousElementSibling.textContent).data;
  var page = data[KIND];
  var host = document.createElement("div");
  host.className = "xb-drawn";
  var style = document.createElement("style");
  style.textContent = page.css;
  script.parentElement.insertBefore(style, script);
  script.parentElement.insertBefore(host, script);
  // At once, not as a module: that would come after all of the notebook's scripts.
  var ours = document.createElement("script");
  ours.textContent = "(function () {" + page.script.replace(/^export default (.*);$/m, "window.xiaobaoKind = $1;") + "\n})();";
  document.head.appendChild(ours);
  window.xiaobaoShow();
  window.xiaobaoKind.early(page.state, host);
  stayPut(host, document.getElementById("rendered_cells"));

  function stayPut(place, cells) {
    var top = 0;
    var box = null;
    var marked = null;
    var note = function () {
      top = place.getBoundingClientRect().top;
      box = place.contains(document.activeElement) ? document.activeElement : null;
      marked = box && box.tagName === "TEXTAREA" ? [box.selectionStart, box.selectionEnd] : null;
    };
    var events = ["scroll", "focusin", "keyup", "pointerup", "input"];
    events.forEach(function (name) { document.addEventListener(name, note, true); });
    note();
    var seen = new MutationObserver(function () {
      if (cells.parentElement === document.body || !cells.isConnected) { return; }
      seen.disconnect();
      events.forEach(function (name) { document.removeEventListener(name, note, true); });
      Array.prototype.forEach.call(place.querySelectorAll("dialog[open]"), function (dialog) {
        dialog.removeAttribute("open"); // moved, it stands in the page's flow, below what comes after it
        dialog.showModal();
      });
      if (box) { box.focus({ preventScroll: true }); }
      if (marked) { box.setSelectionRange(marked[0], marked[1]); }
      cells.scrollTop += place.getBoundingClientRect().top - top;
    });
    seen.observe(document.body, { childList: true, subtree: true });
  }
};
