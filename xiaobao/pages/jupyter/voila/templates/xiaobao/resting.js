// A page that only shows gives its kernel back while nobody touches it: what stands on it stays. Where it can be asked
// something (`.xb-asks`) the next touch there takes a new kernel. Pages of forms do so by themselves (forms/resting.js).
(function () {
  var OTHERS = ".xf, .widget-dropdown, .jupyter-widget-dropdown"; // forms, and an analyst's lists
  var ASKS = ".xb-asks";
  var LOOK_MS = 15000;
  var touched = Date.now();
  var connection = null; // the way to the kernel while there is one
  var asleep = false;
  var waking = false;
  var served, taken, views;

  function configOf(page) { return JSON.parse(page.getElementById("jupyter-config-data").textContent); }

  /** The models of the widgets that a page shows, in their order. */
  function viewsOf(page) {
    return Array.from(page.querySelectorAll('script[type="application/vnd.voila.cell-output+json"]'), function (one) {
      var view = (JSON.parse(one.textContent).data || {})["application/vnd.jupyter.widget-view+json"];
      return view && view.model_id;
    }).filter(Boolean);
  }

  function manager() { return window.jupyterapp && window.jupyterapp.widgetManager; }

  /** Whether every widget of the page has what it draws from: until then it needs its kernel. */
  function drawn() {
    var models = manager();
    return Boolean(models && models.kernel) && views.every(function (view) { return models.has_model(view); });
  }

  function farewell(id) { return taken.settings.baseUrl + "voila/api/shutdown/" + id; }

  function drop() {
    var gone = connection;
    connection = null;
    asleep = true;
    document.documentElement.dataset.xbResting = "";
    gone.dispose();
    clearTimeout(gone._reconnectTimeout);
    return gone.id;
  }

  /** Take note of the way to the kernel; where it ends by itself the page rests just the same. */
  function hold(there) {
    var connected = there.connectionStatus === "connected";
    connection = there;
    touched = Date.now();
    taken = { settings: there.serverSettings, kind: there.constructor, name: there.name };
    there.connectionStatusChanged.connect(function (_, status) {
      if (status === "connected") { connected = true; }
      else if (connected) { Promise.resolve().then(function () { if (connection === there) { drop(); } }); }
    });
  }

  function look() {
    if (document.querySelector(OTHERS) || asleep || waking) { return; }
    if (!connection) {
      if (drawn()) { hold(manager().kernel); }
      return;
    }
    if (Date.now() - touched >= 1000 * served.rest) {
      fetch(farewell(drop()), { method: "POST", keepalive: true }).catch(function () {});
    }
  }

  function touch(event) {
    touched = Date.now();
    var place = event.target;
    if (asleep && !waking && place instanceof Element && place.closest(ASKS)) { wake(); }
  }

  /** Take a new kernel for this page. Who may not, or would get other scripts by now, has the page opened anew. */
  function wake() {
    var told = { "Xiaobao-Person": encodeURIComponent(served.login), "Xiaobao-Release": served.release };
    waking = true;
    fetch(location.href, { cache: "no-store", redirect: "manual", headers: told }).then(function (answer) {
      if (!answer.ok) { location.reload(); }
      return answer.ok ? answer.text() : Promise.reject(new Error("refused"));
    }).then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html");
      return connect(configOf(page).kernelId, viewsOf(page));
    }).catch(function () {}).then(function () { waking = false; }); // not served: the next touch tries again
  }

  function connect(id, models) {
    var there = new taken.kind({ model: { id: id, name: taken.name }, serverSettings: taken.settings });
    return new Promise(function (resolve) {
      there.connectionStatusChanged.connect(function (_, status) { if (status === "connected") { resolve(); } });
    }).then(function () {
      return Promise.all(views.map(function (view, place) {
        return manager().get_model(view).then(function (model) { join(model, there.createComm("jupyter.widget", models[place])); });
      }));
    }).then(function () {
      hold(there);
      asleep = false;
      delete document.documentElement.dataset.xbResting;
      document.dispatchEvent(new Event("xb-awake"));
    });
  }

  /** Let a widget that is drawn already talk to the one that the new kernel made. */
  function join(model, comm) {
    var way = new model.comm.constructor(comm);
    way.on_msg(model._handle_comm_msg.bind(model));
    way.on_close(model._handle_comm_closed.bind(model));
    Object.assign(model, { comm: way, comm_live: true, _pending_msgs: 0, _msg_buffer: null });
  }

  document.addEventListener("DOMContentLoaded", function () {
    served = configOf(document).xiaobao || {};
    views = viewsOf(document);
    if (!served.rest) { return; }
    setInterval(look, Math.min(LOOK_MS, 250 * served.rest));
    ["pointerdown", "keydown", "input", "focusin"].forEach(function (name) { document.addEventListener(name, touch, true); });
    ["wheel", "touchmove"].forEach(function (name) {
      document.addEventListener(name, touch, { capture: true, passive: true });
    });
    window.addEventListener("pagehide", function () { if (connection) { navigator.sendBeacon(farewell(connection.id)); } });
  });
})();
