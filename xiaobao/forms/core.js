// Shared by every page: building elements from text only, talking to Python, and a queue that never loses an edit.

const ACK_MS = 10000;
const PING_MS = 20000;
const LATE_MS = 30000; // what a page drawn early waits for its way to the kernel before it says so
const JOINED_MS = 15000; // within which the notebook's scripts, once there, find a kernel that lives
const ANEW_MS = 600000; // within which it opens itself anew for that only once

/** Build an element. Children are text or nodes; no markup is ever parsed. */
function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else if (name === "checked") node.checked = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

let serial = 0;
function freshId(prefix) {
  serial += 1;
  return `xf-${prefix}-${serial}`;
}

function clock(date) {
  const two = (n) => String(n).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function fileSize(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function selectBox(label, pairs, value, onchange, props) {
  const id = freshId("select");
  const box = h("select", { id, onchange: (event) => onchange(event.target.value), ...(props || {}) },
    pairs.map(([code, title]) => h("option", { value: code }, title)));
  box.value = value;
  return h("span", { class: "xf-pick" }, h("label", { for: id }, label), box);
}

const TOUCHES = ["pointerdown", "keydown", "input"];
const READS = ["wheel", "touchmove"];
const CARRIES = 3; // times that a file is sent from its beginning, each to another kernel
const BROKEN_OFF = "连接中断过，不能确定这一步是否已经完成；请看本页的状态，没有完成的再办一次";

/**
 * Numbered messages with an answer each; silence for ten seconds means that the connection is gone.
 *
 * While nobody touches the page it rests: the kernel goes back to the server. The next touch takes a new one, and
 * what is asked meanwhile waits for it. `page` says where it is (`address`), whether anything is still to be stored
 * (`busy`), catches up after a rest (`woke`), says why it cannot wake (`barred`), and opens itself anew (`again`).
 */
class Line {
  constructor(model, page) {
    Object.assign(this, { page, waiting: new Map(), held: [], lost: false, asleep: false, waking: null, out: "" });
    Object.assign(this, { files: 0, breaks: 0 });
    this.seq = Date.now() % 1000000;
    this.touched = Date.now();
    this.early = Boolean(model.early);
    this.drawnAt = Date.now();
    this.asleep = this.early;
    this.bind(model);
    this.heart = setInterval(() => this.ping(), PING_MS);
    this.onTouch = () => this.touch();
    this.onRead = () => {
      this.touched = Date.now();
    };
    for (const name of TOUCHES) document.addEventListener(name, this.onTouch, true);
    for (const name of READS) document.addEventListener(name, this.onRead, { capture: true, passive: true });
    window.addEventListener("focus", this.onTouch);
    page.root.classList.toggle("xf-early", this.early);
    if (this.early) this.late = setInterval(() => this.expect(), 500);
  }

  bind(model) {
    this.kernel = new KernelOfPage(model,
      (content, buffers) => this.receive(buffers && buffers.length ? { ...content, buffers } : content), () => this.gone());
    const rest = 1000 * (this.kernel.served.rest || 0);
    if (rest && this.kernel.own) this.resting = setInterval(() => this.mayRest(rest), Math.min(15000, rest / 4));
  }

  /** On a page drawn early: say when the way to its kernel should be there by now. It may have been killed meanwhile. */
  expect() {
    const now = Date.now();
    if (window.jupyterapp && !this.scriptsSince) this.scriptsSince = now;
    if (now - this.drawnAt < LATE_MS && !(now - this.scriptsSince >= JOINED_MS)) return;
    clearInterval(this.late);
    this.silent();
  }

  /** The way to the kernel is there, on a page that was drawn before it: what was asked meanwhile goes out. */
  adopt(model) {
    clearInterval(this.late);
    this.kernel.close();
    Object.assign(this, { early: false, asleep: false, touched: Date.now() });
    this.page.model = model;
    this.page.root.classList.remove("xf-early");
    this.bind(model);
    for (const entry of this.held.splice(0)) this.post(entry);
    if (this.lost) this.back();
  }

  /** Ask, and get the answer. What is asked by the page itself (`quiet`) is no touch, and is let drop with the kernel. */
  ask(content, buffers, quiet) {
    this.seq += 1;
    const { seq } = this;
    if (!quiet) this.touched = Date.now();
    return new Promise((resolve) => {
      const entry = { content: { ...content, seq }, buffers, quiet, resolve };
      this.waiting.set(seq, entry);
      if (!this.asleep) this.post(entry);
      else {
        this.held.push(entry);
        this.wake();
      }
    });
  }

  post(entry) {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.silent(), ACK_MS);
    try {
      this.kernel.send(entry.content, entry.buffers);
    } catch (error) {
      this.silent();
    }
  }

  receive(content) {
    const entry = this.waiting.get(content.seq);
    if (this.lost) this.back();
    if (!entry) return;
    clearTimeout(entry.timer);
    this.waiting.delete(content.seq);
    entry.resolve(content);
  }

  back() {
    this.lost = false;
    this.page.reconnected();
  }

  silent() {
    if (this.lost) return;
    this.lost = true;
    this.page.disconnected();
  }

  ping() {
    if (!this.asleep && !this.lost && this.waiting.size === 0) this.ask({ type: "ping" }, undefined, true);
  }

  // --- resting and waking

  touch() {
    this.touched = Date.now();
    if (this.asleep && !this.lost) this.wake();
  }

  mayRest(after) {
    const idle = Date.now() - this.touched >= after;
    if (!idle || this.asleep || this.lost || this.waiting.size || this.page.busy()) return;
    this.fallAsleep();
    this.kernel.giveBack();
  }

  fallAsleep() {
    this.asleep = true;
    this.page.root.classList.add("xf-resting");
  }

  /** The kernel ended by itself, or the way to it. Where nothing waits the page rests; what waits is asked once more. */
  gone() {
    this.breaks += 1;
    this.fallAsleep();
    for (const [seq, entry] of this.waiting) {
      clearTimeout(entry.timer);
      if (entry.content.type === "save") this.held.push(entry);
      else {
        this.waiting.delete(seq);
        if (!entry.quiet) entry.resolve({ type: "refused", faults: [BROKEN_OFF] });
      }
    }
    if (this.held.length || this.page.busy()) setTimeout(() => this.wake(), 50); // not where the page is being left
  }

  /** Take a new kernel, once however often it is asked for. */
  wake() {
    if (this.early) { // its first kernel is on its way, or was lost on it
      if (this.lost) this.openAnew();
      return Promise.resolve();
    }
    if (this.out && Date.now() - this.tried < 3000) return Promise.resolve();
    if (!this.waking) {
      this.tried = Date.now();
      this.waking = this.takeKernel().then(() => {
        this.waking = null;
      });
    }
    return this.waking;
  }

  /** Whether a file is on its way: a page that opened itself again would lose it without a word. */
  get carrying() {
    return this.files > 0 || [...this.waiting.values()].some((entry) => entry.buffers && entry.buffers.length);
  }

  /**
   * Send a file, `send` resolving to the last answer: the page still holds it, so that where the kernel that had its
   * first pieces died it goes from the beginning to the next one. The same file twice is no change.
   */
  async carry(send) {
    let answer = {};
    let again = true;
    this.files += 1;
    try {
      for (let tries = 0; again && tries < CARRIES; tries += 1) {
        const { breaks } = this;
        answer = await send();
        again = this.breaks !== breaks && (answer.faults || []).length > 0;
      }
    } finally {
      this.files -= 1;
    }
    return answer;
  }

  /** Open the page itself again, for whom it was made and for nobody else: another would find a page without a word. */
  async openAnew() {
    const who = await personIn();
    if (who === undefined) return; // no server: the next touch asks again
    if (who !== this.kernel.served.login) {
      this.barred(who === null ? "out" : "another");
      return;
    }
    const before = Number(sessionStorage.getItem("xiaobao:anew")) || 0;
    if (this.carrying || Date.now() - before < ANEW_MS) return;
    sessionStorage.setItem("xiaobao:anew", String(Date.now()));
    this.page.again();
  }

  async takeKernel() {
    const why = await this.kernel.take(this.page.address());
    if (why === "newer") this.page.again();
    else if (why === "unserved") this.unserved();
    else if (why) this.barred(why);
    else this.awake();
  }

  unserved() {
    this.lost = true;
    this.page.disconnected();
  }

  awake() {
    this.asleep = false;
    this.out = "";
    this.touched = Date.now();
    this.page.root.classList.remove("xf-resting");
    if (this.bar) this.bar.remove();
    this.page.woke();
    for (const entry of this.held.splice(0)) this.post(entry);
    if (this.lost) this.back();
  }

  /** Nobody, or somebody else, is signed in by now: what was typed stays here, and the page says what to do. */
  barred(why) {
    const words = { out: "登录已结束（超时、退出或停用），本页不再保存。填写的内容留在本机，重新登录后自动取回。",
      another: "本浏览器已换人登录，本页不再保存。填写的内容留在本机，原来的人重新登录后自动取回。" };
    if (this.bar && this.bar.isConnected && this.barredBy === why) return;
    Object.assign(this, { barredBy: why, out: why in words ? "须重新登录" : "不能继续" });
    if (this.lost) this.back();
    if (this.bar) this.bar.remove();
    this.bar = banner("bad", words[why] || why, button(why in words ? "重新登录" : "重新打开本页", () => this.page.again(), "small"));
    this.page.root.prepend(this.bar);
    this.page.status();
  }

  close() {
    clearInterval(this.late);
    clearInterval(this.heart);
    clearInterval(this.resting);
    for (const name of TOUCHES) document.removeEventListener(name, this.onTouch, true);
    for (const name of READS) document.removeEventListener(name, this.onRead, true);
    window.removeEventListener("focus", this.onTouch);
    this.kernel.close();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
  }
}

/** Send a file in pieces of so many bytes; resolves to the last answer. `told` says for what, `say` hears how far it is. */
function sendPieces(line, file, piece, told, say) {
  return line.carry(async () => {
    const upload = `${Date.now()}-${freshId("upload")}`;
    let answer = {};
    for (let offset = 0; offset < file.size; offset += piece) {
      if (say) say(Math.floor((100 * offset) / file.size));
      const buffer = await file.slice(offset, offset + piece).arrayBuffer();
      answer = await line.ask({ type: "piece", upload, name: file.name, size: file.size, offset, ...told }, [buffer]);
      if (answer.type !== "piece") break;
    }
    return answer;
  });
}

/**
 * Edits wait here until Python has acknowledged them. Each id carries the number of its last edit: an answer to an
 * older edit never clears a newer one. One patch is on its way at a time, so that revisions follow one another.
 */
class SaveQueue {
  constructor(line, collect, take, show) {
    Object.assign(this, { line, collect, take, show });
    this.dirty = new Map();
    this.blocked = new Map();
    this.edits = 0;
    this.round = 0;
    this.sending = false;
    this.savedAt = null;
    this.timer = null;
    this.patient = false;
  }

  /** Note an edit. Typing waits for a pause, so that one note is not twenty revisions; leaving the box sends at once. */
  mark(id, typed) {
    this.edits += 1;
    this.blocked.delete(id);
    this.dirty.set(id, this.edits);
    this.show();
    if (this.timer && !this.patient) return;
    clearTimeout(this.timer);
    this.patient = Boolean(typed);
    this.timer = setTimeout(() => this.flush(), typed ? 1500 : 300);
  }

  get open() {
    return this.dirty.size + this.blocked.size;
  }

  status() {
    const open = [this.dirty.size ? `未保存 ${this.dirty.size} 项` : "", this.blocked.size ? `未通过 ${this.blocked.size} 项` : ""];
    const told = open.filter(Boolean).join("　");
    const broken = this.line.out || (this.line.lost ? "连接已断开" : "");
    if (broken) return ["unsaved", told ? `${broken}　${told}` : broken];
    if (this.sending) return ["saving", "正在保存…"];
    if (told) return ["unsaved", told];
    return this.savedAt ? ["saved", `已保存 ${clock(this.savedAt)}`] : ["idle", "没有未保存的修改"];
  }

  /** Send what waits. Resolves when nothing more can be sent now. */
  async flush() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.sending || this.dirty.size === 0) return;
    this.sending = true;
    this.round += 1;
    const round = this.round;
    const sent = new Map(this.dirty);
    const items = {};
    for (const id of sent.keys()) items[id] = this.collect(id);
    this.show();
    const answer = await this.line.ask({ type: "save", items });
    if (round !== this.round) return;
    this.sending = false;
    this.settle(sent, answer);
    this.take(answer);
    this.show();
    if (this.dirty.size) await this.flush();
  }

  settle(sent, answer) {
    const saved = answer.saved || {};
    for (const [id, edit] of sent) {
      if (id in saved) {
        if (this.dirty.get(id) === edit) this.dirty.delete(id);
      } else if (this.dirty.get(id) === edit) {
        this.dirty.delete(id);
        this.blocked.set(id, edit);
      }
    }
    if (this.open === 0) this.savedAt = new Date();
  }

  /** After a silence the patch may be lost: send it again; Python knows the same content when it sees it. */
  retry() {
    if (!this.sending) return this.flush();
    this.round += 1;
    this.sending = false;
    return this.flush();
  }

  /** Try what was refused once more, as when a person asks to save now. */
  again() {
    for (const [id, edit] of this.blocked) this.dirty.set(id, edit);
    this.blocked.clear();
    return this.flush();
  }

  forget() {
    clearTimeout(this.timer);
    this.timer = null;
    this.round += 1;
    this.sending = false;
    this.dirty.clear();
    this.blocked.clear();
    this.savedAt = null;
  }
}

/**
 * Drafts of unsaved edits on this computer, one record a form; empty as soon as Python has them. Kept twice: local
 * storage has a letter at once and a reload finds it, but a browser that is killed loses its last minute; the data base
 * of the browser is on the disk a moment later. The newer of both counts.
 */
const drafts = {
  opening: null,
  waiting: new Map(),
  writing: false,
  last: 0,

  /** The browser's data base, nothing where it is not to be had. */
  base() {
    this.opening = this.opening || new Promise((resolve) => {
      setTimeout(() => resolve(null), 2000);
      try {
        const asked = indexedDB.open("xiaobao", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts");
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve(null);
      } catch (error) {
        resolve(null);
      }
    });
    return this.opening;
  },

  async read(key) {
    let local = null;
    try {
      local = JSON.parse(localStorage.getItem(`xiaobao:${key}`) || "null");
    } catch (error) {
      // a record that cannot be read is none
    }
    if (local && !("items" in local && "at" in local)) local = { at: 0, items: local };
    const base = await this.base();
    const stored = base && (await new Promise((resolve) => {
      const asked = base.transaction("drafts").objectStore("drafts").get(key);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(null);
    }));
    const [newest] = [local, stored].filter(Boolean).sort((one, other) => other.at - one.at);
    return newest ? newest.items : {};
  },

  write(key, items) {
    this.last = Math.max(Date.now(), this.last + 1);
    const kept = { at: this.last, items };
    try {
      localStorage.setItem(`xiaobao:${key}`, JSON.stringify(kept));
    } catch (error) {
      // a full or forbidden local storage costs only the draft, never the saving
    }
    this.waiting.set(key, kept);
    if (!this.writing) this.store();
  },

  /** Bring the newest drafts to the disk, one transaction at a time. */
  async store() {
    this.writing = true;
    const base = await this.base();
    while (base && this.waiting.size) {
      const records = [...this.waiting];
      this.waiting.clear();
      await new Promise((resolve) => {
        const change = base.transaction("drafts", "readwrite", { durability: "strict" });
        for (const [key, kept] of records) change.objectStore("drafts").put(kept, key);
        change.oncomplete = change.onerror = change.onabort = resolve;
      });
    }
    this.writing = false;
  },
};

function banner(kind, ...children) {
  return h("div", { class: `xf-banner xf-${kind}`, role: kind === "bad" ? "alert" : "status" }, ...children);
}

function button(text, onclick, kind, props) {
  return h("button", { type: "button", class: `xf-button ${kind || ""}`, onclick, ...(props || {}) }, text);
}

/** A question with an optional text to give; resolves to the text, or null when put aside. */
function askPerson(root, title, lines, action, wantsText) {
  return new Promise((resolve) => {
    const id = freshId("text");
    const text = wantsText ? h("textarea", { id, rows: 3, "aria-label": wantsText }) : null;
    const done = (value) => {
      dialog.remove();
      resolve(value);
    };
    const dialog = h("dialog", { class: "xf-dialog", oncancel: () => done(null) },
      h("h3", {}, title),
      lines.length ? h("ul", {}, lines.map((line) => h("li", {}, typeof line === "string" ? line
        : h("button", { type: "button", class: "xf-link", onclick: () => {
          done(null);
          line.go();
        } }, line.text)))) : null,
      text ? h("label", { for: id }, wantsText, text) : null,
      h("div", { class: "xf-dialog-buttons" },
        button(action ? "取消" : "知道了", () => done(null)),
        action ? button(action, () => done(text ? text.value : ""), "primary") : null));
    root.append(dialog);
    dialog.showModal();
  });
}

/** What scrolls a page as a whole: JupyterLab's own panel, or the page. */
const SCROLLERS = ".jp-WindowedPanel-outer, .jp-Notebook, #rendered_cells, body";

/** Let the sticky head stick: the notebook's output boxes would scroll on their own, and a scroller's padding shows. */
function unbox(el, root) {
  for (let box = el; box && !box.matches(SCROLLERS); box = box.parentElement) {
    box.style.overflow = "visible";
    box.style.contain = "none";
    box.style.maxWidth = "none";
    if (box !== el) box.style.minWidth = "0";
  }
  let scroller = el.parentElement;
  while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowY)) scroller = scroller.parentElement;
  if (scroller) root.style.setProperty("--xf-top", `-${getComputedStyle(scroller).paddingTop}`);
}

/** The root of a page: keys pressed in it are its own (JupyterLab would take 1 for a heading), its width sets its form. */
function pageRoot(el, kind) {
  const root = h("div", { class: `xf ${kind}`, lang: "zh-CN", "data-lm-suppress-shortcuts": "true" });
  const fit = () => {
    root.classList.toggle("xf-medium", root.clientWidth <= 1100);
    root.classList.toggle("xf-narrow", root.clientWidth <= 800);
    root.classList.toggle("xf-phone", root.clientWidth <= 520);
  };
  new ResizeObserver(fit).observe(root);
  el.append(root);
  requestAnimationFrame(() => unbox(el, root));
  return root;
}

/**
 * What stands at the head of every printed page, beside page numbers; a browser that knows no page margins leaves it out.
 * The page number takes the corner that the frame of Voila gives it, too.
 */
function runningHead(text) {
  const style = document.getElementById("xf-running-head") || h("style", { id: "xf-running-head" });
  const clean = text.replace(/["\\\n]/g, " ");
  style.textContent = `@page { @top-left { content: "${clean}"; font-size: 9pt; color: #566474; }
    @bottom-right { content: "第 " counter(page) " 页，共 " counter(pages) " 页"; font-size: 9pt; color: #566474; } }`;
  document.body.append(style); // after the styles of the page itself
}

/** Whether the page is all its own, not one tab of JupyterLab. */
function ownPage() {
  return !document.querySelector(".jp-WindowedPanel-outer");
}

/** Resolves to the login of whom the server takes this browser for, null for nobody, undefined where it is silent. */
async function personIn() {
  const start = location.pathname.slice(0, location.pathname.indexOf("/voila/") + 1) || "/";
  try {
    const answer = await fetch(start, { method: "HEAD", cache: "no-store", redirect: "manual" });
    const who = answer.headers.get("Xiaobao-Person");
    if (who !== null) return decodeURIComponent(who);
    return answer.type === "opaqueredirect" ? null : undefined;
  } catch (error) {
    return undefined;
  }
}

/** Call back once the server answers again, to the same person (or `always`, to whomever); returns the timer. */
function whenServed(login, callback, always) {
  let done = false;
  const timer = setInterval(async () => {
    const who = await personIn();
    if (done || !(who === login || (always && who !== undefined))) return;
    done = true;
    clearInterval(timer);
    callback();
  }, 1500);
  return timer;
}

/** Where a page with this choice opens. */
function addressOf(choice) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(choice)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return `${location.pathname}?${query}`;
}

/** Whether a key was meant for the page: pressed in it, or nowhere on a page that is all its own. */
function meant(root, event) {
  if (!root.isConnected || root.querySelector("dialog")) return false;
  return root.contains(event.target) || (event.target === document.body && ownPage());
}

/** Keep the choice in the address, so that a reload and a link show the same. Only where the page is its own. */
function rememberChoice(choice) {
  if (location.pathname.includes("/voila/")) history.replaceState(null, "", addressOf(choice));
}

function typing(target) {
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && !["radio", "checkbox", "button", "file"].includes(target.type);
}

/**
 * What a widget of ours is: `early` draws the page as soon as the server has sent it, long before the notebook's own
 * scripts have found its kernel; `render` is called by those, and takes over the page that is there already.
 */
function widgetOf(kind) {
  return {
    early(state, el) {
      window.xiaobaoEarly = { kind: kind.name, page: new kind({ early: true, get: () => state, on() {}, off() {} }, el) };
    },
    render({ model, el }) {
      const drawn = window.xiaobaoEarly;
      if (!drawn || drawn.kind !== kind.name) {
        const page = new kind(model, el);
        return () => page.close();
      }
      window.xiaobaoEarly = null;
      drawn.page.line.adopt(model);
      return () => drawn.page.close();
    },
  };
}
