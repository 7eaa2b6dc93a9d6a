// A table on which rows are judged: filters, pages of fifty, a queue of edits until each is acknowledged.

const PAGE = 50;

class TablePage {
  constructor(model, el) {
    this.model = model;
    this.root = h("div", { class: "xf xf-tables", lang: "zh-CN" });
    el.append(this.root);
    requestAnimationFrame(() => unbox(el, this.root));
    this.line = new Line(model, () => this.disconnected(), () => this.reconnected());
    this.queue = new SaveQueue(this.line, (id) => this.patch(id), (answer) => this.take(answer), () => this.status());
    this.onLeave = (event) => {
      this.queue.flush();
      if (this.queue.open || this.queue.sending) {
        event.preventDefault();
        event.returnValue = "";
      }
    };
    this.onKey = (event) => {
      if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      this.queue.again();
    };
    window.addEventListener("beforeunload", this.onLeave);
    document.addEventListener("keydown", this.onKey);
    this.open(model.get("state"));
  }

  close() {
    this.queue.flush();
    window.removeEventListener("beforeunload", this.onLeave);
    document.removeEventListener("keydown", this.onKey);
    this.line.close();
  }

  open(state) {
    this.state = state;
    this.rows = new Map((state.rows || []).map((row) => [row.id, row]));
    this.trs = new Map();
    this.faults = new Map();
    this.filter = state.kept || {};
    this.only = null;
    this.marked = new Set();
    this.page = 0;
    this.queue.forget();
    this.noticeBox = h("div", { class: "xf-notices" });
    if (state.fault) this.noticeBox.append(banner("bad", state.fault));
    this.tableBox = h("div", { class: "xf-table-box" });
    this.bulkBox = h("div", { class: "xf-bulk" });
    this.root.replaceChildren(this.header(), this.noticeBox, this.filters(), this.bulkBox, this.tableBox);
    this.draw();
    this.status();
  }

  header() {
    const { chooser, title, bank } = this.state;
    this.saveState = h("span", { class: "xf-save", role: "status", "aria-live": "polite", hidden: this.state.reading });
    const pick = (label, list, name) =>
      selectBox(label, list, chooser[name], (value) => this.choose({ [name]: value }), { name });
    return h("header", { class: "xf-header" }, h("div", { class: "xf-row" },
      h("div", { class: "xf-brand" }, h("strong", {}, title), h("span", { class: "xf-muted" }, bank)),
      h("div", { class: "xf-picks" }, pick("机构", chooser.units, "unit"), pick("检查期间", chooser.periods, "period"),
        pick("检查域", chooser.domains, "domain")),
      this.saveState));
  }

  filters() {
    this.counted = h("span", { class: "xf-counted" });
    const boxes = (this.state.filters || []).map((filter) =>
      selectBox(filter.title, [["", "全部"], ...filter.values.map((value) => [value, value])], this.filter[filter.key] || "", (value) => {
        this.filter[filter.key] = value;
        this.page = 0;
        this.draw();
      }, { name: `filter-${filter.key}` }));
    const actions = (this.state.actions || []).map((action) =>
      button(action.title, () => this.act(action), action.plain ? "" : "primary", { name: action.name }));
    return h("div", { class: "xf-filters" }, boxes, this.counted, h("span", { class: "xf-grow" }), actions,
      button("打印", () => this.print()));
  }

  /** Paper has no pages of fifty: every row that is chosen is drawn, then printed. */
  print() {
    this.whole = true;
    this.draw();
    window.print();
    this.whole = false;
    this.draw();
  }

  fits(row) {
    return Object.entries(this.filter).every(([key, value]) => !value || row.tags[key] === value);
  }

  chosen() {
    return [...this.rows.values()].filter((row) => (!this.only || this.only.has(row.id)) &&
      Object.entries(this.filter).every(([key, value]) => !value || row.tags[key] === value));
  }

  draw() {
    const rows = this.chosen();
    const size = this.whole ? Math.max(1, rows.length) : PAGE;
    const pages = Math.max(1, Math.ceil(rows.length / size));
    this.page = Math.min(this.page, pages - 1);
    this.counted.textContent = rows.length === this.rows.size ? `共 ${rows.length} 条` : `筛出 ${rows.length} 条，共 ${this.rows.size} 条`;
    this.trs = new Map();
    const shown = rows.slice(this.page * size, (this.page + 1) * size);
    const { columns } = this.state;
    const table = h("table", { class: "xf-table" },
      h("thead", {}, h("tr", {}, this.marks(rows), columns.map((column) => h("th", { scope: "col", style: `width:${column.width}` }, column.title)))),
      h("tbody", {}, shown.map((row) => this.row(row))));
    this.tableBox.replaceChildren(
      rows.length ? table : h("p", { class: "xf-empty" }, this.rows.size ? "没有符合条件的记录，请调整筛选。" : this.state.empty || "没有记录。"),
      pages > 1 ? this.pager(pages) : "");
    this.drawBulk();
  }

  /** The head of the column of marks: all rows of the present choice at once. */
  marks(rows) {
    if (!(this.state.bulk || []).length) return null;
    const free = rows.filter((row) => row.bulk && row.bulk.length);
    const all = h("input", { type: "checkbox", "aria-label": `选中列出的全部 ${free.length} 条`, checked: free.length > 0 && free.every((row) => this.marked.has(row.id)), onchange: (event) => {
      for (const row of free) this.marked[event.target.checked ? "add" : "delete"](row.id);
      this.draw();
    } });
    return h("th", { scope: "col", class: "xf-mark" }, all);
  }

  /** What can be done with the marked rows together, each kind with how many of them it can be done to. */
  drawBulk() {
    const marked = [...this.marked].map((id) => this.rows.get(id)).filter(Boolean);
    const back = this.only ? button("显示全部", () => {
      this.only = null;
      this.draw();
    }, "small") : null;
    const acts = (this.state.bulk || []).map((act) => {
      const able = marked.filter((row) => row.bulk && row.bulk.includes(act.name));
      return able.length ? button(`${act.title}（${able.length} 条）`, () => this.bulk(act, able), "primary small", { name: act.name }) : null;
    });
    const told = marked.length ? h("span", {}, `已选 ${marked.length} 条`) : null;
    this.bulkBox.replaceChildren(...[back, told, ...acts].filter(Boolean));
  }

  async bulk(act, rows) {
    const given = await askFields(this.root, act.title, act.fields, `${act.title} ${rows.length} 条`, act.lines);
    if (!given) return;
    await this.queue.flush();
    const revisions = Object.fromEntries(rows.map((row) => [row.id, row.revision]));
    this.renew(await this.line.ask({ type: "bulk", name: act.name, rows: revisions, values: given.values }));
  }

  async rowAct(row, act) {
    const given = act.fields.length ? await askFields(this.root, act.title, act.fields, act.action || act.title, act.lines) : { values: {} };
    if (!given) return;
    await this.queue.flush();
    const buffers = given.file ? [await given.file.arrayBuffer()] : [];
    const file = given.file ? given.file.name : "";
    const told = { type: "row", name: act.name, row: row.id, revision: row.revision, values: given.values, file };
    const answer = await this.line.ask(told, buffers);
    if (answer.type === "told") await askPerson(this.root, act.title, answer.lines);
    else this.renew(answer);
  }

  async addFiles(row, part, file) {
    const note = banner("note", `正在上传 ${file.name}…`);
    this.noticeBox.append(note);
    const answer = await sendFile(this, file, this.state.limits, { row: row.id, part: part.key });
    note.remove();
    if (answer && answer.type === "ack") this.take(answer);
    else this.take({ type: "refused", faults: (answer && answer.faults) || ["没有上传，请再试"] });
  }

  pager(pages) {
    const turn = (by) => () => {
      this.page += by;
      this.draw();
      this.root.scrollIntoView({ block: "start" });
    };
    return h("div", { class: "xf-pager" }, button("上一页", turn(-1), "small", { disabled: this.page === 0 }),
      `第 ${this.page + 1} / ${pages} 页`, button("下一页", turn(1), "small", { disabled: this.page === pages - 1 }));
  }

  row(row) {
    const tr = h("tr", { "data-row": row.id }, this.markBox(row), this.state.columns.map((column) => h("td", { "data-title": column.title }, this.cell(row, column))));
    tr.addEventListener("focusout", (event) => {
      if (!tr.contains(event.relatedTarget)) this.left(row.id);
    });
    this.trs.set(row.id, tr);
    this.mark(row);
    return tr;
  }

  markBox(row) {
    if (!(this.state.bulk || []).length) return null;
    const free = row.bulk && row.bulk.length;
    return h("td", { class: "xf-mark" }, free ? h("input", { type: "checkbox", "aria-label": `选中 ${row.id}`, checked: this.marked.has(row.id), onchange: (event) => {
      this.marked[event.target.checked ? "add" : "delete"](row.id);
      this.drawBulk();
    } }) : null);
  }

  /** Files with what can be done with each; siblings, which lead to themselves; buttons of the row's own acts. */
  more(row, part, value) {
    if (part.kind === "files") {
      const add = (row.addable || []).includes(part.key) ? fileButton(part.title || "上传佐证", (file) => this.addFiles(row, part, file)) : null;
      return h("div", { class: "xf-evidence" }, (value || []).map((file) => evidenceChip(this, file)), add);
    }
    if (part.kind === "siblings") {
      return (value || []).map((one) => h("div", { class: "xf-sibling" }, button(one.title, () => {
        this.only = new Set([row.id, ...one.ids]);
        this.page = 0;
        this.draw();
      }, "small")));
    }
    return h("div", { class: "xf-row-acts" }, (value || []).map((act) => button(act.title, () => this.rowAct(row, act), "small", { name: act.name })));
  }

  /** A column stacks parts: text, facts, a choice, a text box; what may not be changed any more is shown as text. */
  cell(row, column) {
    return column.parts.map((part) => {
      const value = row.cells[part.key];
      const locked = row.locked.includes(part.key);
      if (part.kind === "facts") {
        return h("div", { class: "xf-facts" }, Object.entries(value || {}).map(([name, text]) => h("span", {}, `${name}：${text || "—"}`)));
      }
      if (["files", "siblings", "acts"].includes(part.kind)) return this.more(row, part, value);
      if (part.kind === "text" || locked) return this.text(part, value);
      return this.input(row, part, value);
    });
  }

  text(part, value) {
    const option = part.options && part.options.find(([code]) => code === value);
    const shown = option ? option[1] : value;
    return shown ? h("div", { class: part.strong ? "xf-cell-strong" : part.late ? "xf-late" : "" }, shown) : null;
  }

  input(row, part, value) {
    const set = (event) => {
      row.cells[part.key] = event.target.value;
      row.changed.add(part.key);
      this.faults.delete(row.id);
      this.queue.mark(row.id, event.type === "input");
      this.mark(row);
    };
    row.changed = row.changed || new Set();
    const props = { "aria-label": part.title, "data-part": part.key, value: value || "" };
    if (part.kind === "select") {
      const box = h("select", { ...props, onchange: set },
        h("option", { value: "" }, part.blank || "请选择"), ((row.options || {})[part.key] || part.options).map(([code, text]) => h("option", { value: code }, text)));
      box.value = value || "";
      return box;
    }
    if (part.kind === "area") return h("textarea", { ...props, rows: 2, maxlength: 4000, placeholder: part.title, oninput: set });
    return h("input", { ...props, type: part.kind === "date" ? "date" : "text", maxlength: 200, placeholder: part.title, oninput: set });
  }

  patch(id) {
    const row = this.rows.get(id);
    const cells = {};
    for (const key of row.changed || []) cells[key] = row.cells[key];
    return { revision: row.revision, cells };
  }

  take(answer) {
    if (answer.type === "refused") {
      const note = banner("bad", answer.faults.join("；"), button("知道了", () => note.remove(), "small"));
      this.noticeBox.append(note);
      return;
    }
    for (const [id, row] of Object.entries(answer.saved)) this.saved(id, row);
    for (const [id, faults] of Object.entries(answer.faults)) {
      this.faults.set(id, faults);
      this.mark(this.rows.get(id));
    }
    for (const [id, row] of Object.entries(answer.stale)) this.outdated(id, row);
  }

  /** Take over the saved row; while somebody types in it only the revision, the rest when the box is left. */
  saved(id, row) {
    this.faults.delete(id);
    const now = this.rows.get(id);
    const tr = this.trs.get(id);
    const typed = tr && tr.contains(document.activeElement) && typing(document.activeElement);
    if (this.queue.dirty.has(id)) now.revision = row.revision;
    else if (typed) Object.assign(now, { revision: row.revision, changed: new Set(), fresh: row });
    else this.replace(id, row);
    this.mark(this.rows.get(id));
    if (!typed && !this.queue.dirty.has(id) && !this.fits(this.rows.get(id))) this.draw();
  }

  left(id) {
    this.queue.flush();
    const row = this.rows.get(id);
    if (!row.fresh || row.changed.size) return;
    this.replace(id, row.fresh);
    if (!this.fits(this.rows.get(id))) this.draw();
  }

  replace(id, row) {
    this.rows.set(id, row);
    const before = this.trs.get(id);
    const inside = before && before.contains(document.activeElement) && document.activeElement.dataset.part;
    if (before) before.replaceWith(this.row(row));
    const again = inside && this.trs.get(id).querySelector(`[data-part="${inside}"]`);
    if (again) again.focus();
  }

  /** Somebody else was first: show theirs, keep mine beside it until the person chooses. */
  outdated(id, row) {
    const mine = this.rows.get(id);
    const texts = this.patch(id).cells;
    const words = Object.entries(texts).map(([key, value]) => this.word(key, value)).join("；");
    this.queue.blocked.delete(id);
    this.replace(id, row);
    this.faults.set(id, [`他人已先保存，现显示最新内容。您填写的“${words}”没有保存。`]);
    const again = () => {
      const now = this.rows.get(id);
      now.changed = new Set(mine.changed);
      for (const key of mine.changed) now.cells[key] = texts[key];
      this.replace(id, now);
      this.faults.delete(id);
      this.queue.mark(id);
      this.mark(now);
    };
    this.mark(this.rows.get(id), button("仍用我的", again, "small"));
    this.status();
  }

  word(key, value) {
    for (const column of this.state.columns) {
      const part = column.parts.find((one) => one.key === key);
      const option = part && part.options && part.options.find(([code]) => code === value);
      if (option) return option[1];
    }
    return value;
  }

  mark(row, extra) {
    const tr = this.trs.get(row.id);
    if (!tr) return;
    const unsaved = this.queue.dirty.has(row.id) || this.queue.blocked.has(row.id);
    tr.classList.toggle("xf-row-unsaved", unsaved);
    const last = tr.lastElementChild;
    const old = last.querySelector(".xf-faults");
    if (old) old.remove();
    const faults = this.faults.get(row.id);
    if (faults) last.append(h("div", { class: "xf-faults", role: "alert" }, faults.map((text) => h("p", {}, text)), extra));
  }

  status() {
    const [kind, text] = this.queue.status();
    this.saveState.className = `xf-save xf-save-${kind}`;
    if (this.saveState.textContent !== text) this.saveState.textContent = text;
    if (kind === "saved") for (const tr of this.root.querySelectorAll(".xf-row-unsaved")) tr.classList.remove("xf-row-unsaved");
  }

  async choose(change) {
    await this.queue.flush();
    if (this.queue.open) {
      const text = `有 ${this.queue.open} 条没有保存，切换后会丢失。`;
      if ((await askPerson(this.root, "还有没保存的修改", [text], "仍然切换")) === null) return;
    }
    const { unit, period, domain } = { ...this.state.chooser, ...change };
    this.renew(await this.line.ask({ type: "open", unit, period, domain }));
  }

  async act(action) {
    const given = action.fields ? await askFields(this.root, action.title, action.fields, action.action || action.title, action.lines) : { values: {} };
    if (!given) return;
    await this.queue.flush();
    const answer = await this.line.ask({ type: action.name, values: given.values });
    if (answer.type === "download") this.download(answer);
    else this.renew(answer);
  }

  download(answer) {
    const address = URL.createObjectURL(new Blob([answer.buffers[0]], { type: answer.media }));
    const link = h("a", { href: address, download: answer.name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  renew(answer) {
    if (answer.type !== "state") {
      this.take({ type: "refused", faults: answer.faults || [] });
      return;
    }
    const kept = this.model.get("state");
    for (const name of Object.keys(kept)) delete kept[name];
    Object.assign(kept, answer.state);
    const filter = this.filter;
    const { unit, period, domain } = answer.state.chooser;
    rememberChoice({ unit, period, domain });
    this.open({ ...answer.state, kept: filter });
    for (const text of answer.lines || []) this.noticeBox.append(banner("good", text));
  }

  disconnected() {
    if (this.lostNote) return;
    const again = () => {
      window.removeEventListener("beforeunload", this.onLeave);
      location.reload();
    };
    this.lostNote = banner("bad", "连接已断开，修改未保存。", button("重新打开本页", again, "small"));
    this.root.prepend(this.lostNote);
  }

  reconnected() {
    if (this.lostNote) this.lostNote.remove();
    this.lostNote = null;
    this.queue.retry();
  }
}

export default {
  render({ model, el }) {
    const page = new TablePage(model, el);
    return () => page.close();
  },
};
