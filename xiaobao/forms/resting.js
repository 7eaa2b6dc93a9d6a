// The kernel behind a page of its own: given back while nobody touches the page, taken anew at the next touch.

const QUIET_MS = 10000; // what JupyterLab's own connection waits at most for its socket

/** What the server says of this page in its head: who is in, after how many seconds a page rests, which release it is. */
function servedAs() {
  const config = document.getElementById("jupyter-config-data");
  try {
    return JSON.parse(config.textContent).xiaobao || {};
  } catch (error) {
    return {};
  }
}

/** The model of the widget that a page just rendered by the server shows last; nothing where its notebook broke off. */
function modelShown(page) {
  const outputs = [...page.querySelectorAll('script[type="application/vnd.voila.cell-output+json"]')];
  const views = outputs.map((one) => JSON.parse(one.textContent).data["application/vnd.jupyter.widget-view+json"]);
  const last = views.filter(Boolean).pop();
  return last && last.model_id;
}

/**
 * Where a page's messages go. In JupyterLab the kernel is the person's own and stays; in Voila it is the page's.
 * `hear` gets what the kernel sends; `gone` is told when the kernel or the way to it ends by itself.
 */
class KernelOfPage {
  constructor(model, hear, gone) {
    Object.assign(this, { model, hear, gone, comm: null });
    this.served = servedAs();
    const manager = model.widget_manager;
    this.connection = manager && location.pathname.includes("/voila/") && this.served.rest !== undefined ? manager.kernel : null;
    this.fromModel = (content, buffers) => this.hear(content, buffers);
    model.on("msg:custom", this.fromModel);
    this.onHide = () => this.comm && this.connection && navigator.sendBeacon(this.farewell(this.connection.id));
    window.addEventListener("pagehide", this.onHide);
    this.watch();
  }

  /** Whether the kernel is this page's alone, to be given back. */
  get own() {
    return Boolean(this.connection || this.settings);
  }

  send(content, buffers) {
    if (!this.own || (this.connection && !this.comm)) this.model.send(content, undefined, buffers);
    else this.comm.send({ method: "custom", content }, {}, buffers);
  }

  watch() {
    const { connection } = this;
    if (!connection) return;
    this.settings = { serverSettings: connection.serverSettings, kind: connection.constructor, name: connection.name };
    let connected = connection.connectionStatus === "connected";
    const over = () => Promise.resolve().then(() => connection === this.connection && this.lose());
    connection.statusChanged.connect((_, status) => {
      if (["dead", "restarting", "autorestarting", "terminating"].includes(status)) over();
    });
    connection.connectionStatusChanged.connect((_, status) => {
      if (status === "connected") connected = true;
      else if (connected) over();
    });
  }

  lose() {
    this.giveBack(); // the server may have started it again, without a form in it
    this.gone();
  }

  /** Let the connection go, without a word to the server and without trying to have it back. */
  drop() {
    const { connection } = this;
    Object.assign(this, { connection: null, comm: null });
    if (!connection) return;
    connection.dispose();
    clearTimeout(connection._reconnectTimeout);
  }

  farewell(id) {
    return `${this.settings.serverSettings.baseUrl}voila/api/shutdown/${id}`;
  }

  /** Give the kernel back to the server. */
  giveBack() {
    const { connection } = this;
    this.drop();
    if (connection) fetch(this.farewell(connection.id), { method: "POST", keepalive: true }).catch(() => {});
  }

  /**
   * Take a new kernel for the page at `address`, where nothing is to be drawn (`waking`). Resolves to "" when it is
   * there, else to why not: "unserved", "out" (signed out), "another" (somebody else is in), "newer" (the server has
   * other scripts by now), or words to show.
   */
  async take(address) {
    const told = { "Xiaobao-Person": encodeURIComponent(this.served.login), "Xiaobao-Release": this.served.release };
    try {
      const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}waking=1`, { cache: "no-store", redirect: "manual", headers: told });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "out";
      if (answer.status === 409) return "another";
      if (answer.status === 412) return "newer";
      if (!answer.ok) return "unserved";
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const broken = page.querySelector(".xb-error");
      const id = JSON.parse(page.getElementById("jupyter-config-data").textContent).kernelId;
      const model = modelShown(page);
      if (!model) {
        fetch(this.farewell(id), { method: "POST", keepalive: true }).catch(() => {});
        return broken ? broken.textContent.trim() : "unserved";
      }
      return await this.connect(id, model);
    } catch (error) {
      return "unserved";
    }
  }

  async connect(id, model) {
    const { kind, name, serverSettings } = this.settings;
    const connection = new kind({ model: { id, name }, serverSettings });
    const comm = connection.createComm("jupyter.widget", model);
    comm.onMsg = ({ content, buffers }) => {
      if (content.data.method === "custom") this.hear(content.data.content, buffers);
    };
    const there = new Promise((resolve) => {
      connection.connectionStatusChanged.connect((_, status) => status === "connected" && resolve(true));
      setTimeout(() => resolve(false), QUIET_MS);
    });
    if (!(await there)) {
      connection.dispose();
      return "unserved";
    }
    Object.assign(this, { connection, comm });
    this.watch();
    return "";
  }

  close() {
    this.model.off("msg:custom", this.fromModel);
    window.removeEventListener("pagehide", this.onHide);
  }
}
