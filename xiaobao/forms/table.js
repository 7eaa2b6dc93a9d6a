// A table on which rows are judged: filters, pages of fifty, a queue of edits until each is acknowledged.

const PAGE = 50;

/** Hand a file to the browser's downloads; `content` is base64. */
function saveFile(name, content) {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes]));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

class TablePage {
  constructor(model, el) {
    this.model = model;
    this.root = pageRoot(el, "xf-tables");
    this.line = new Line(model, this);
    this.queue = new SaveQueue(this.line, (id) => this.patch(id), (answer) => this.take(answer), () => this.status());
    this.onLeave = (event) => {
      this.queue.flush();
      if (this.unsaved || this.queue.sending) {
        event.preventDefault();
        event.returnValue = "";
      }
    };
    this.onKey = (event) => {
      if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      this.queue.again();
    };
    this.onPrint = (event) => {
      this.printing = event.type === "beforeprint";
      runningHead([this.state.bank, this.state.title, ...["unit", "period", "domain"].map((name) => this.named(name))]
        .filter(Boolean).join("　"));
      if (!this.queue.open) this.draw();
    };
    window.addEventListener("beforeunload", this.onLeave);
    window.addEventListener("beforeprint", this.onPrint);
    window.addEventListener("afterprint", this.onPrint);
    document.addEventListener("keydown", this.onKey);
    this.open(model.get("state"));
  }

  close() {
    this.queue.flush();
    window.removeEventListener("beforeunload", this.onLeave);
    window.removeEventListener("beforeprint", this.onPrint);
    window.removeEventListener("afterprint", this.onPrint);
    document.removeEventListener("keydown", this.onKey);
    this.line.close();
  }

  open(state) {
    this.state = state;
    this.rows = new Map((state.rows || []).map((row) => [row.id, row]));
    this.trs = new Map();
    this.faults = new Map();
    this.filter = this.filter || {};
    this.words = this.words || "";
    this.picked = new Set();
    this.only = null;
    this.page = 0;
    this.queue.forget();
    this.noticeBox = h("div", { class: "xf-notices" });
    if (state.fault) this.noticeBox.append(banner("bad", state.fault));
    if (state.notice) this.noticeBox.append(banner("info", state.notice));
    this.tableBox = h("div", { class: "xf-table-box" });
    this.root.replaceChildren(this.header(), this.noticeBox, this.filters(), this.tableBox);
    this.draw();
    this.status();
  }

  /** The words of what is chosen in a picker, "" for all. */
  named(name) {
    const { chooser } = this.state;
    const found = chooser[name] && chooser[`${name}s`].find(([code]) => code === chooser[name]);
    return found ? found[1] : "";
  }

  header() {
    const { chooser, title, bank } = this.state;
    this.saveState = h("span", { class: "xf-save", role: "status", "aria-live": "polite", hidden: this.state.reading });
    const pick = (label, list, name) =>
      selectBox(label, list, chooser[name], (value) => this.choose({ [name]: value }), { name });
    return h("div", { class: "xf-header" }, h("div", { class: "xf-row" },
      h("div", { class: "xf-brand" }, h("strong", {}, title), h("span", { class: "xf-muted" }, bank)),
      h("div", { class: "xf-picks" }, pick("机构", chooser.units, "unit"), pick("检查期间", chooser.periods, "period"),
        chooser.domains.length ? pick(chooser.domainTitle || "检查域", chooser.domains, "domain") : null),
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
    this.finder = h("input", { type: "text", class: "xf-find", "aria-label": "查找", placeholder: "查找", maxlength: 60, value: this.words,
      oninput: (event) => this.find(event.target.value) });
    this.bulkBox = h("div", { class: "xf-bulk" });
    return h("div", {}, h("div", { class: "xf-filters" }, boxes, this.finder, this.counted, h("span", { class: "xf-grow" }), this.uploader(), actions,
      button("打印", () => window.print())), this.bulkBox);
  }

  /** Show only the rows that hold these words in any cell. */
  find(words) {
    this.words = words.trim();
    if (this.finder.value.trim() !== this.words) this.finder.value = this.words;
    this.page = 0;
    this.draw();
  }

  /** Show these rows alone, or all again. */
  show(ids) {
    this.only = ids && new Set(ids);
    this.page = 0;
    this.draw();
  }

  uploader() {
    if (!this.state.upload) return "";
    const pick = async (event) => {
      for (const file of [...event.target.files]) await this.upload(file);
      this.choose({});
    };
    return h("label", { class: "xf-button" }, this.state.upload,
      h("input", { type: "file", multiple: true, class: "xf-hidden", name: "files", onchange: pick }));
  }

  /** Send one file in pieces; what is refused is said and the others go on. */
  async upload(file) {
    const answer = await sendPieces(this.line, file, this.state.limits.piece, {});
    if (!answer.file) this.take({ type: "refused", faults: [`${file.name}：${(answer.faults || ["文件是空的"]).join("；")}`] });
  }

  chosen() {
    return [...this.rows.values()].filter((row) => this.fits(row));
  }

  fits(row) {
    return (!this.only || this.only.has(row.id))
      && Object.entries(this.filter).every(([key, value]) => !value || row.tags[key] === value)
      && (!this.words || JSON.stringify(row.cells).includes(this.words));
  }

  // --- several rows at once --------------------------------------------------------------------------------------

  /** One answer with one reason for all rows that are ticked: all of them or none. */
  drawBulk() {
    const acts = (this.state.bulk || []).filter((act) => [...this.picked].some((id) => act.rows.includes(id)));
    const form = acts.map((act) => {
      const said = h("select", { "aria-label": act.label }, h("option", { value: "" }, act.label),
        act.options.map(([code, text]) => h("option", { value: code }, text)));
      const why = h("input", { type: "text", "aria-label": act.why, placeholder: act.why, maxlength: 1000 });
      return h("span", { class: "xf-bulk-act" }, said, why,
        button(act.title, () => this.actOnAll(act, said.value, why.value), "primary small", { name: `bulk-${act.name}` }));
    });
    this.bulkBox.replaceChildren(...(this.picked.size
      ? [h("b", {}, `已选 ${this.picked.size} 条`), button("取消选择", () => this.pick([]), "small"),
        ...(form.length ? form : ["选中的各条现在没有可以一起办理的事项。"])] : []));
    this.bulkBox.hidden = !this.picked.size;
  }

  pick(ids) {
    this.picked = new Set(ids);
    for (const [id, tr] of this.trs) {
      const box = tr.querySelector(".xf-tick");
      if (box) box.checked = this.picked.has(id);
    }
    this.drawBulk();
  }

  async actOnAll(act, said, why) {
    await this.queue.flush();
    const ids = [...this.picked];
    const rows = Object.fromEntries(ids.map((id) => [id, this.rows.get(id).revision]));
    const answer = await this.line.ask({ type: "bulk", name: act.name, said, why, rows });
    if (answer.type === "state") this.renew(answer);
    else await askPerson(this.root, "没有办理，各条均未改变", answer.faults || []);
  }

  /** Ask what an act wants to know, if anything, and send it; resolves to the answer, or null when put aside. */
  async asked(act, told) {
    const send = async ({ values, file }) => {
      await this.queue.flush();
      const buffers = file ? [await file.arrayBuffer()] : [];
      return this.line.ask({ ...told, values, file: file ? file.name : "" }, buffers);
    };
    if (!(act.fields || []).length) return send({ values: {}, file: null });
    return askFields(this.root, act.title, act.fields, act.action || act.title, act.lines, send);
  }

  async rowAct(row, act) {
    const answer = await this.asked(act, { type: "row", name: act.name, row: row.id, revision: row.revision });
    if (!answer) return;
    if (answer.type === "told") await askPerson(this.root, act.title, answer.lines);
    else if (answer.type === "download") this.download(answer);
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

  tick(row) {
    if (!this.state.bulk || !this.state.bulk.some((act) => act.rows.includes(row.id))) return null;
    return h("input", { type: "checkbox", class: "xf-tick", "aria-label": "选中这一条", checked: this.picked.has(row.id),
      onchange: (event) => {
        if (event.target.checked) this.picked.add(row.id);
        else this.picked.delete(row.id);
        this.drawBulk();
      } });
  }

  draw() {
    const rows = this.chosen();
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    this.counted.textContent = rows.length === this.rows.size ? `共 ${rows.length} 条` : `筛出 ${rows.length} 条，共 ${this.rows.size} 条`;
    this.trs = new Map();
    const shown = this.printing ? rows : rows.slice(this.page * PAGE, (this.page + 1) * PAGE);
    const { columns, bulk } = this.state;
    const all = bulk && bulk.length && rows.length > 1
      ? button("选中筛出的各条", () => this.pick(rows.map((row) => row.id)), "small", { name: "pick-all" }) : null;
    const table = h("table", { class: "xf-table" },
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", style: `width:${column.width}` }, column.title)))),
      h("tbody", {}, shown.map((row) => this.row(row))));
    this.tableBox.replaceChildren(
      rows.length ? table : h("p", { class: "xf-empty" }, this.rows.size ? "没有符合条件的记录，请调整筛选。" : this.state.empty || "没有记录。"),
      pages > 1 ? this.pager(pages) : "");
    if (all) this.counted.append("　", all);
    if (this.only) this.counted.append("　", button("显示全部", () => this.show(null), "small"));
    this.drawBulk();
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
    const tr = h("tr", { "data-row": row.id }, this.state.columns.map((column, place) => {
      const td = h("td", { "data-title": column.title }, place ? null : this.tick(row), this.cell(row, column));
      if (!td.textContent && !td.querySelector("input, textarea, select, button")) td.classList.add("xf-bare");
      return td;
    }));
    tr.addEventListener("focusout", (event) => {
      if (!tr.contains(event.relatedTarget)) this.left(row.id);
    });
    this.trs.set(row.id, tr);
    this.mark(row);
    return tr;
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
      if (part.kind === "links") {
        return (value || []).map(([text, words]) => h("button", { type: "button", class: "xf-near", onclick: () => this.find(words) }, text));
      }
      const drawn = part.kind === "text" || locked || this.printing ? this.text(part, value) : this.input(row, part, value);
      return part.label && drawn ? h("label", { class: "xf-part" }, h("span", {}, part.label), drawn) : drawn;
    });
  }

  /** Files with what can be done with each; siblings, which lead to themselves; buttons of the row's own acts. */
  more(row, part, value) {
    if (part.kind === "files") {
      const add = (row.addable || []).includes(part.key) ? fileButton(part.title || "上传佐证", (file) => this.addFiles(row, part, file)) : null;
      return h("div", { class: "xf-evidence", "data-files": part.key }, (value || []).map((file) => evidenceChip(this, file)), add);
    }
    if (this.printing) return part.kind === "siblings" ? (value || []).map((one) => h("div", {}, one.title)) : null;
    if (part.kind === "siblings") {
      return (value || []).map((one) => h("div", { class: "xf-sibling" }, button(one.title, () => this.show([row.id, ...one.ids]), "small")));
    }
    return h("div", { class: "xf-row-acts" }, (value || []).map((act) => button(act.title, () => this.rowAct(row, act), "small", { name: act.name })));
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
      // A step waits as typing does: the note that belongs to it goes with it.
      if (!this.state.explicit || row.cells.to) this.queue.mark(row.id, event.type === "input" || part.key === "to");
      this.mark(row);
      this.status();
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
    if (answer.anew && !Object.keys(answer.faults).length && !Object.keys(answer.stale).length) {
      this.choose({});
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
    if (this.queue.dirty.has(id)) this.unsent(now, row);
    else if (typed) Object.assign(now, { revision: row.revision, changed: new Set(), fresh: row });
    else this.replace(id, row);
    if (tr && this.rows.get(id) === now) this.showFiles(tr, now, row);
    this.mark(this.rows.get(id));
    this.settle(id);
  }

  /** A file that was attached is shown at once, whatever is being typed beside it. */
  showFiles(tr, now, row) {
    for (const part of this.state.columns.flatMap((column) => column.parts)) {
      const box = part.kind === "files" && tr.querySelector(`[data-files="${part.key}"]`);
      if (!box) continue;
      now.cells[part.key] = row.cells[part.key];
      box.replaceWith(this.more(now, part, row.cells[part.key]));
    }
  }

  /** Edits went on while a save was under way: what it carried is not sent again, least of all a step. */
  unsent(now, row) {
    now.revision = row.revision;
    const stepped = now.cells.to && row.cells.status !== now.cells.status;
    if (stepped) now.cells.to = "";
    for (const key of [...now.changed]) {
      if (key === "to" ? stepped : row.cells[key] === now.cells[key]) now.changed.delete(key);
    }
  }

  left(id) {
    this.queue.flush();
    const row = this.rows.get(id);
    if (!row) return;
    if (row.fresh && !row.changed.size) this.replace(id, row.fresh);
    this.settle(id);
  }

  /** A row that is not what was filtered for any more leaves the table, once nobody types in it. */
  settle(id) {
    const tr = this.trs.get(id);
    const row = this.rows.get(id);
    if (!tr || this.fits(row) || row.fresh || this.faults.has(id) || this.queue.dirty.has(id) || this.queue.blocked.has(id)) return;
    if (tr.contains(document.activeElement) && typing(document.activeElement)) return;
    tr.remove();
    this.trs.delete(id);
    const left = this.chosen().length;
    this.counted.firstChild.textContent = `筛出 ${left} 条，共 ${this.rows.size} 条`;
    if (!this.trs.size) this.draw();
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
    const unsaved = this.queue.dirty.has(row.id) || this.queue.blocked.has(row.id) || this.waits(row);
    tr.classList.toggle("xf-row-unsaved", unsaved);
    const last = tr.lastElementChild;
    const old = last.querySelector(".xf-faults");
    if (old) old.remove();
    const faults = this.faults.get(row.id);
    if (faults) last.append(h("div", { class: "xf-faults", role: "alert" }, faults.map((text) => h("p", {}, text)), extra));
  }

  /** A row that is filled and of which no step was chosen yet is sent to nobody. */
  waits(row) {
    return Boolean(this.state.explicit && row.changed && row.changed.size && !row.cells.to);
  }

  get unsaved() {
    return this.queue.open + [...this.rows.values()].filter((row) => this.waits(row)).length;
  }

  status() {
    const waiting = this.state.explicit && !this.queue.sending && this.unsaved;
    const [kind, text] = waiting ? ["unsaved", `未保存 ${this.unsaved} 条，填好后选“办理”`] : this.queue.status();
    this.saveState.className = `xf-save xf-save-${kind}`;
    if (this.saveState.textContent !== text) this.saveState.textContent = text;
    if (kind === "saved") for (const tr of this.root.querySelectorAll(".xf-row-unsaved")) tr.classList.remove("xf-row-unsaved");
  }

  async choose(change) {
    await this.queue.flush();
    if (this.unsaved) {
      const text = `有 ${this.unsaved} 条没有保存，切换后会丢失。`;
      if ((await askPerson(this.root, "还有没保存的修改", [text], "仍然切换")) === null) return;
    }
    const { unit, period, domain } = { ...this.state.chooser, ...change };
    this.renew(await this.line.ask({ type: "open", unit, period, domain }));
  }

  async act(action) {
    const answer = await this.asked(action, { type: action.name });
    if (!answer) return;
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
    if (answer.type === "file") {
      saveFile(answer.name, answer.content);
      return;
    }
    if (answer.type !== "state") {
      this.take({ type: "refused", faults: answer.faults || [] });
      return;
    }
    const kept = this.model.get("state");
    for (const name of Object.keys(kept)) delete kept[name];
    Object.assign(kept, answer.state);
    const { unit, period, domain } = answer.state.chooser;
    rememberChoice({ unit, period, domain });
    this.open(answer.state);
    for (const text of answer.lines || []) this.noticeBox.append(banner("good", text));
  }

  /** Open the page anew; what was not saved is lost, so nobody but the person presses this. */
  again() {
    window.removeEventListener("beforeunload", this.onLeave);
    location.reload();
  }

  address() {
    const { unit, period, domain } = this.state.chooser;
    return addressOf({ unit, period, domain });
  }

  busy() {
    return Boolean(this.queue.dirty.size || this.queue.sending);
  }

  woke() {}

  disconnected() {
    if (!this.lostNote) {
      this.lostNote = banner("bad", "连接已断开，修改未保存；恢复后本页自动继续。", button("重新打开本页", () => this.again(), "small"));
      this.root.prepend(this.lostNote);
    }
    this.status();
    clearInterval(this.waiter);
    if (this.line.asleep) this.waiter = whenServed("", () => this.line.wake(), true);
  }

  reconnected() {
    if (this.lostNote) this.lostNote.remove();
    this.lostNote = null;
    clearInterval(this.waiter);
    this.status();
    if (!this.line.out) this.queue.retry();
  }
}

export default widgetOf(TablePage);
