// A page of steps: a list of steps, the body of one, and the work that goes on. Drawn from blocks that Python tells.

const POLL_MS = 1200;
const PIECE_BYTES = 2 * 1024 * 1024;

class StepsPage {
  constructor(model, el) {
    this.model = model;
    this.root = pageRoot(el, "xf-desk");
    this.line = new Line(model, this);
    this.step = new URLSearchParams(location.search).get("step") || "";
    this.draw(model.get("state"));
  }

  close() {
    clearTimeout(this.timer);
    this.line.close();
  }

  draw(state) {
    this.state = state;
    this.noticeBox = h("div", { class: "xf-notices" });
    if (state.fault) this.noticeBox.append(banner("bad", state.fault));
    this.workBox = h("section", { class: "xd-work", "aria-label": "运行情况" });
    this.nav = h("ol", { class: "xd-steps" });
    this.bodyBox = h("section", { class: "xd-body", "aria-label": "本步骤" });
    this.root.replaceChildren(
      h("div", { class: "xf-header" }, h("div", { class: "xf-row" },
        h("div", { class: "xf-brand" }, h("strong", {}, state.title), h("span", { class: "xf-muted" }, state.bank)),
        h("div", { class: "xf-picks" }, state.periods.length
          ? selectBox("检查期间", state.periods, state.period, (value) => this.open(value), { name: "period" }) : null))),
      this.noticeBox, this.workBox,
      h("div", { class: "xd-columns", hidden: !state.steps.length }, h("nav", { "aria-label": "工作步骤" }, this.nav), this.bodyBox));
    this.drawSteps();
    this.showWork(state.work);
    const next = state.steps.find((one) => one.next) || state.steps[0];
    const wanted = state.steps.find((one) => one.id === this.step) || next;
    if (wanted) this.choose(wanted.id);
  }

  drawSteps() {
    this.nav.replaceChildren(...this.state.steps.map((step, place) => h("li", {},
      h("button", { type: "button", class: `xd-step ${step.next ? "xd-next" : ""}`, "data-step": step.id,
        "aria-current": step.id === this.step ? "step" : null, onclick: () => this.press(step.id) },
      h("span", { class: "xd-step-title" }, `${place + 1} ${step.title}`, step.next ? h("span", { class: "xf-chip xd-now" }, "下一步") : null),
      h("span", { class: `xd-step-line xd-${step.tone || "plain"}` }, step.line)))));
  }

  /** A pressed step: show it from its beginning; where the steps stand above its body, go down to that. */
  async press(id) {
    if (this.bodyBox.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" }); // the last one was longer
    await this.choose(id);
    if (this.nav.getBoundingClientRect().bottom <= this.bodyBox.getBoundingClientRect().top) this.bodyBox.scrollIntoView({ block: "start" });
  }

  async choose(id) {
    this.step = id;
    rememberChoice({ step: id, period: this.state.period });
    this.drawSteps();
    const step = this.state.steps.find((one) => one.id === id);
    this.bodyBox.replaceChildren(h("h2", {}, step.title), h("p", { class: "xf-muted" }, "正在读取…"));
    const answer = await this.line.ask({ type: "step", name: id });
    if (this.step !== id) return;
    this.bodyBox.replaceChildren(h("h2", {}, step.title), h("p", { class: "xd-about" }, step.about));
    this.fill(this.bodyBox, answer);
  }

  fill(box, answer) {
    if (answer.type === "refused") box.append(banner("bad", answer.faults.join("\n")));
    else for (const block of answer.blocks || []) box.append(this.block(block));
  }

  async open(period) {
    const answer = await this.line.ask({ type: "open", period });
    if (answer.type === "state") this.draw(answer.state);
    else this.refused(answer);
  }

  refused(answer) {
    const note = banner("bad", (answer.faults || ["没有成功"]).join("\n"), button("知道了", () => note.remove(), "small"));
    this.noticeBox.replaceChildren(note);
    note.scrollIntoView({ block: "nearest" });
  }

  // --- blocks

  block(block) {
    const draw = { text: "text", table: "table", links: "links", action: "action", upload: "upload", mapping: "mapping",
      weights: "weights", look: "lookButton" }[block.kind];
    return this[draw](block);
  }

  text(block) {
    return h("p", { class: `xd-text xd-${block.tone || "plain"}` }, block.words);
  }

  links(block) {
    return h("ul", { class: "xd-links" }, block.links.map((one) => h("li", {},
      h("a", { href: one.address, target: one.away ? "_blank" : null, rel: one.away ? "noopener" : null }, one.words))));
  }

  table(block) {
    const cell = (value) => {
      if (value && typeof value === "object") {
        return h("td", { class: value.tone ? `xd-${value.tone}` : null },
          value.href ? h("a", { href: value.href }, value.text) : value.text);
      }
      return h("td", {}, value === null || value === undefined ? "" : String(value));
    };
    const rows = h("tbody", {}, block.rows.map((row) => h("tr", {}, row.map(cell))));
    return h("div", { class: "xd-table-box", tabindex: "0", role: "region", "aria-label": block.title }, h("table", { class: "xf-table xd-table" },
      h("caption", {}, block.title), h("thead", {}, h("tr", {}, block.heads.map((head) => h("th", { scope: "col" }, head)))), rows),
    block.rows.length ? null : h("p", { class: "xf-muted" }, block.empty || "没有记录。"), block.note ? h("p", { class: "xf-muted" }, block.note) : null);
  }

  field(field, changed) {
    const id = freshId("field");
    const set = { id, name: field.name, onchange: changed, oninput: changed };
    let box;
    if (field.kind === "select") {
      box = h("select", set, field.options.map(([code, text]) => h("option", { value: code }, text)));
      box.value = field.value || (field.options[0] || [""])[0];
    } else if (field.kind === "check") {
      box = h("input", { ...set, type: "checkbox", checked: Boolean(field.value) });
    } else if (field.kind === "area") {
      box = h("textarea", { ...set, rows: 2, maxlength: 2000, value: field.value || "" });
    } else {
      box = h("input", { ...set, type: field.kind === "date" ? "date" : "text", maxlength: 300, value: field.value || "", placeholder: field.hint });
    }
    const label = h("label", { for: id }, field.title, field.need ? h("span", { class: "xd-need" }, "（必填）") : null);
    const node = h("div", { class: `xd-field ${field.kind === "check" ? "xd-check" : ""}` }, field.kind === "check" ? [box, label] : [label, box],
      field.hint && field.kind !== "text" ? h("span", { class: "xf-muted" }, field.hint) : null);
    return { node, read: () => (field.kind === "check" ? (box.checked ? "1" : "") : box.value.trim()) };
  }

  /** One action: its fields, the command that does the same, a button. */
  action(block) {
    const shown = h("code", { class: "xd-command" });
    const files = block.files ? this.filePicker(block.files, () => update()) : null;
    const fields = block.fields.map((field) => [field, this.field(field, () => update())]);
    const values = () => {
      const read = {};
      for (const [field, one] of fields) read[field.name] = one.read();
      return read;
    };
    const update = () => {
      shown.textContent = this.command(block.command, { ...values(), files: files ? files.names() : [] });
    };
    const press = async () => {
      const lack = fields.filter(([field, one]) => field.need && !one.read()).map(([field]) => field.title);
      if (files && block.files.need && !files.names().length) lack.push(block.files.title);
      if (lack.length) return this.refused({ faults: [`还没有填：${lack.join("、")}`] });
      if (block.ask && (await askPerson(this.root, block.title, [block.ask], block.button)) === null) return null;
      return this.act(block.name, values(), files);
    };
    update();
    return h("form", { class: "xd-action", "data-action": block.name, onsubmit: (event) => event.preventDefault() },
      h("h3", {}, block.title), block.about ? h("p", { class: "xf-muted" }, block.about) : null,
      block.why ? h("p", { class: "xd-bad" }, block.why) : null,
      block.why ? null : h("div", { class: "xd-fields" }, fields.map(([, one]) => one.node), files ? files.node : null),
      block.why ? null : h("div", { class: "xd-press" }, button(block.button, press, block.main ? "primary" : "", { name: block.name })),
      h("p", { class: "xd-same" }, "同样的命令：", shown));
  }

  /** Put the command together as Python does: words, and options that have a value. */
  command(parts, values) {
    const words = [];
    const quote = (word) => (/^[\w\-./=:,@%+\u4e00-\u9fff]+$/.test(word) ? word : `'${word}'`);
    for (const [option, name, kind] of parts) {
      if (!name) words.push(option.replace("{out}/", ""));
      else if (kind === "flag") {
        if (values[name]) words.push(option);
      } else {
        const given = Array.isArray(values[name]) ? values[name] : kind === "many" ? (values[name] || "").split(/[\s,，、;；]+/).filter(Boolean) : [values[name] || ""].filter(Boolean);
        if (!given.length && !option) words.push(kind === "files" ? "文件" : `〈${kind || "…"}〉`);
        for (const one of given) {
          if (option) words.push(option);
          words.push(quote(one));
        }
      }
    }
    return `xiaobao ${words.join(" ")}`;
  }

  async act(name, values, files) {
    const batch = files ? await files.send() : "";
    if (batch === null) return;
    const answer = await this.line.ask({ type: "act", name, values, batch });
    if (answer.type === "refused") {
      this.refused(answer);
      return;
    }
    if (files) files.clear();
    this.noticeBox.replaceChildren();
    this.showWork(answer);
    this.workBox.scrollIntoView({ block: "nearest" });
  }

  lookButton(block) {
    const box = h("div", { class: "xd-answer" });
    const fields = (block.fields || []).map((field) => [field, this.field(field, () => {})]);
    const press = async () => {
      const values = {};
      for (const [field, one] of fields) values[field.name] = one.read();
      box.replaceChildren(h("p", { class: "xf-muted" }, "正在读取…"));
      const answer = await this.line.ask({ type: "look", name: block.name, values });
      box.replaceChildren();
      this.fill(box, answer);
    };
    return h("div", { class: "xd-action" }, h("h3", {}, block.title), h("div", { class: "xd-fields" }, fields.map(([, one]) => one.node)),
      h("div", { class: "xd-press" }, button(block.button, press, "", { name: block.name })), box);
  }

  // --- files

  filePicker(wanted, changed) {
    const id = freshId("files");
    const list = h("ul", { class: "xd-files" });
    const input = h("input", { type: "file", id, class: "xf-hidden", multiple: wanted.many, accept: wanted.accept, onchange: () => add(input.files) });
    let held = [];
    const show = () => {
      list.replaceChildren(...held.map((file, place) => h("li", {}, `${file.name}（${fileSize(file.size)}）`,
        button("去掉", () => { held.splice(place, 1); show(); }, "small"))));
      changed();
    };
    const add = (files) => {
      held = wanted.many ? [...held, ...files] : [...files].slice(0, 1);
      show();
    };
    const zone = h("div", { class: "xd-drop",
      ondragover: (event) => { event.preventDefault(); zone.classList.add("xd-over"); },
      ondragleave: () => zone.classList.remove("xd-over"),
      ondrop: (event) => { event.preventDefault(); zone.classList.remove("xd-over"); add(event.dataTransfer.files); } },
    h("label", { for: id, class: "xf-button" }, "选择文件"), input, h("span", {}, `${wanted.title}：把文件拖到这里，或点“选择文件”${wanted.many ? "，可多个" : ""}`), list);
    return {
      node: zone, names: () => held.map((file) => file.name), send: () => this.send(held), clear: () => { held = []; input.value = ""; show(); },
    };
  }

  /** Send files in pieces; resolves to the batch, null where one was refused. */
  async send(files) {
    const answer = await this.line.carry(() => this.sendAll(files));
    if (answer.type) {
      this.refused(answer);
      return null;
    }
    this.noticeBox.replaceChildren();
    return answer.batch;
  }

  async sendAll(files) {
    let batch = "";
    for (const file of files) {
      for (let offset = 0; offset < file.size || offset === 0; offset += PIECE_BYTES) {
        const piece = await file.slice(offset, offset + PIECE_BYTES).arrayBuffer();
        const answer = await this.line.ask({ type: "file", batch, file: file.name, size: file.size, offset }, [piece]);
        if (answer.type !== "taken") return answer;
        batch = answer.batch;
        this.noticeBox.replaceChildren(banner("info", `正在上传 ${file.name}：${Math.round((100 * answer.held) / file.size)}%`));
      }
    }
    return { batch };
  }

  /** Upload of extracts: files, which dataset, then the columns. */
  upload(block) {
    const box = h("div", { class: "xd-answer" });
    const files = this.filePicker(block.files, () => {});
    const fields = block.fields.map((field) => [field, this.field(field, () => {})]);
    let held = "";
    const press = async () => {
      if (!files.names().length) return this.refused({ faults: ["请先选择文件"] });
      if (held) await this.line.ask({ type: "drop", batch: held });
      const batch = await files.send();
      if (batch === null) return null;
      held = batch;
      const values = {};
      for (const [field, one] of fields) values[field.name] = one.read();
      box.replaceChildren(h("p", { class: "xf-muted" }, "正在读取文件…"));
      const answer = await this.line.ask({ type: "look", name: block.name, values, batch });
      box.replaceChildren();
      this.fill(box, answer.blocks ? { ...answer, blocks: answer.blocks.map((one) => ({ ...one, batch, done: () => { files.clear(); box.replaceChildren(); } })) } : answer);
      return null;
    };
    return h("div", { class: "xd-action", "data-action": block.name }, h("h3", {}, block.title), block.about ? h("p", { class: "xf-muted" }, block.about) : null,
      block.why ? h("p", { class: "xd-bad" }, block.why) : [
        h("div", { class: "xd-fields" }, files.node, fields.map(([, one]) => one.node)),
        h("div", { class: "xd-press" }, button(block.button, press, "primary", { name: block.name })), box]);
  }

  /** Columns and values of a file against ours, with samples; nothing is in force until 导入 is pressed. */
  mapping(block) {
    const chosen = { columns: {}, values: [], constants: {}, blanks: [], take: {}, unit: {}, rows: false };
    const headers = [["", "（文件中没有）"], ...block.headers.map((one) => [one.name, one.name])];
    const samples = new Map(block.headers.map((one) => [one.name, one.samples.join("；")]));
    const columnRow = (column) => {
      const seen = h("span", { class: "xd-samples" });
      const box = h("select", { "aria-label": `${column.title} 对应文件中的列`, "data-column": column.name }, headers.map(([code, text]) => h("option", { value: code }, text)));
      const constant = column.required ? h("input", { type: "text", maxlength: 100, "aria-label": `${column.title} 全部行同一个值`, placeholder: "全部行同一个值",
        onchange: (event) => { chosen.constants[column.name] = event.target.value.trim(); } }) : null;
      const set = (value) => {
        box.value = value;
        chosen.columns[column.name] = value;
        seen.textContent = value ? samples.get(value) || "（空）" : "";
        if (constant) constant.hidden = Boolean(value);
        if (use) use.hidden = value === column.proposed;
      };
      box.addEventListener("change", () => set(box.value));
      const use = column.proposed && !column.sure
        ? button(`采用建议：${column.proposed}`, () => set(column.proposed), "small", { "data-use": column.name }) : null;
      const tr = h("tr", { class: column.required ? "xd-required" : "" }, h("th", { scope: "row" }, column.title, column.required ? h("span", { class: "xd-need" }, "（必填）") : null),
        h("td", {}, box, use, constant), h("td", {}, seen), h("td", { class: "xf-muted" }, column.why));
      set(column.sure ? column.proposed : "");
      return tr;
    };
    const needed = block.columns.filter((one) => one.required || one.proposed);
    const rest = block.columns.filter((one) => !one.required && !one.proposed);
    const valueRow = (one) => {
      const entry = { column: one.column, theirs: one.theirs, ours: one.sure ? one.ours : "" };
      chosen.values.push(entry);
      const box = h("select", { "aria-label": `${one.title} “${one.theirs}” 改为`, "data-value": one.theirs, onchange: () => { entry.ours = box.value; if (use) use.hidden = box.value === one.ours; } },
        h("option", { value: "" }, "（按原值读取）"), one.options.map(([code, text]) => h("option", { value: code }, text)));
      box.value = entry.ours;
      const use = one.ours && !one.sure ? button(`采用建议：${one.said}`, () => { box.value = one.ours; entry.ours = one.ours; use.hidden = true; }, "small") : null;
      return h("tr", {}, h("th", { scope: "row" }, one.title), h("td", {}, one.theirs), h("td", {}, box, use), h("td", { class: "xf-muted" }, one.why));
    };
    const check = (text, on, set) => {
      const id = freshId("check");
      const box = h("input", { type: "checkbox", id, checked: on, onchange: () => set(box.checked) });
      set(on);
      return h("div", { class: "xd-field xd-check" }, box, h("label", { for: id }, text));
    };
    const asked = block.asked.map((one) => check(one.words, false, (on) => { chosen.asked = { ...(chosen.asked || {}), [one.id]: on }; }));
    const table = (title, heads, rows) => h("div", { class: "xd-table-box", tabindex: "0", role: "region", "aria-label": title }, h("table", { class: "xf-table xd-table xd-mapping" }, h("caption", {}, title),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows)));
    const options = block.options.map((field) => [field, this.field(field, () => {})]);
    const press = async () => {
      const values = { dataset: block.dataset, mapping: chosen };
      for (const [field, one] of options) values[field.name] = one.read();
      const answer = await this.line.ask({ type: "act", name: "import", values, batch: block.batch });
      if (answer.type === "refused") return this.refused(answer);
      this.noticeBox.replaceChildren();
      if (block.done) block.done();
      this.showWork(answer);
      this.workBox.scrollIntoView({ block: "nearest" });
      return null;
    };
    return h("div", { class: "xd-mapping-box" }, h("p", {}, block.said),
      table("列的对应（有把握的已选好，没有把握的请看样例后选）", ["本系统的列", "文件中的列", "样例（已遮盖个人信息）", "依据"], needed.map(columnRow)),
      rest.length ? h("details", {}, h("summary", {}, `其余可选列 ${rest.length} 个（文件中没有的不必选）`), table("可选列", ["本系统的列", "文件中的列", "样例", "依据"], rest.map(columnRow))) : null,
      block.values.length ? table("取值的对应", ["列", "文件中的值", "改为", "依据"], block.values.map(valueRow)) : null,
      block.unused.length ? h("p", { class: "xf-muted" }, `不读取的列：${block.unused.join("、")}`) : null,
      asked, options.map(([, one]) => one.node),
      h("div", { class: "xd-press" }, button("导入", press, "primary", { name: "import" })),
      h("p", { class: "xd-same" }, "同样的命令：", h("code", { class: "xd-command" }, block.command)));
  }

  /** Weights with sliders: what they would do to every unit, nothing written. */
  weights(block) {
    const values = Object.fromEntries(block.rows.map((row) => [row.id, row.weight]));
    const sum = h("strong", {});
    const shown = h("code", { class: "xd-command" });
    const box = h("div", { class: "xd-answer", "aria-live": "polite" });
    let round = 0;
    const say = () => {
      sum.textContent = `合计 ${block.rows.reduce((total, row) => total + Number(values[row.id] || 0), 0)}`;
      const changed = block.rows.filter((row) => String(values[row.id]) !== String(row.weight)).map((row) => `--weight ${row.id}=${values[row.id]}`);
      shown.textContent = `xiaobao what-if --period ${block.period} ${changed.join(" ") || "--weight 检查域=权重"}`;
    };
    const ask = async () => {
      round += 1;
      const mine = round;
      const answer = await this.line.ask({ type: "look", name: "what_if", values });
      if (mine !== round) return;
      box.replaceChildren();
      this.fill(box, answer);
    };
    const row = (one) => {
      const id = freshId("weight");
      const number = h("output", { for: id }, String(one.weight));
      const slider = h("input", { type: "range", id, min: 0, max: 60, step: 1, "data-weight": one.id,
        oninput: () => { values[one.id] = slider.value; number.textContent = slider.value; say(); }, onchange: ask });
      slider.value = one.weight;
      return h("div", { class: "xd-slider" }, h("label", { for: id }, one.title), slider, number);
    };
    say();
    const id = freshId("version");
    const version = h("input", { type: "text", id, maxlength: 16, placeholder: "新版本号，如 2026.4" });
    const draft = () => {
      const weight = block.rows.filter((one) => String(values[one.id]) !== String(one.weight)).map((one) => `${one.id}=${values[one.id]}`).join(" ");
      if (!weight || !version.value.trim()) return this.refused({ faults: [weight ? "还没有填：新版本号" : "权重没有改动"] });
      return this.act("weights_draft", { weight, draft: version.value.trim() });
    };
    return h("div", { class: "xd-action" }, h("h3", {}, "试算：拖动权重，看名次和等级怎样变（不写入）"), block.rows.map(row), sum, box,
      block.draft ? h("div", { class: "xd-field" }, h("label", { for: id }, "把这组权重写成草稿，在“检查表与权重”里看影响、发布"), version) : null,
      block.draft ? h("div", { class: "xd-press" }, button("写成草稿", draft, "", { name: "weights_draft" })) : null,
      h("p", { class: "xd-same" }, "同样的命令：", shown));
  }

  // --- work

  showWork(work) {
    clearTimeout(this.timer);
    const before = this.work;
    this.work = work;
    const now = work.now;
    if (!now) {
      this.workBox.hidden = true;
      return;
    }
    this.workBox.hidden = false;
    const percent = now.planned ? Math.round((100 * now.settled) / now.planned) : null;
    const bar = now.going ? h("div", { class: "xd-progress" },
      h("progress", { max: now.planned || null, value: now.planned ? now.settled : null, "aria-label": "进度" }),
      h("span", {}, percent === null ? "正在运行…" : `${now.stage} ${now.settled} / ${now.planned}（${percent}%）`)) : null;
    const lines = now.lines.slice(-30);
    const saidOpen = now.state === "failed" || now.state === "done" || now.going;
    this.workBox.className = `xd-work xd-work-${now.state}`;
    this.workBox.replaceChildren(
      h("div", { class: "xd-work-head" }, h("strong", {}, now.title), h("span", { class: `xf-chip xd-${now.state}`, role: "status" }, now.stateLabel),
        h("span", { class: "xf-muted" }, `${now.who || ""}${now.going ? "；可以关闭本页，工作继续进行，回来再看" : ""}`), h("span", { class: "xf-grow" }),
        now.going ? button("停止", () => this.stop(now.id), "small", { name: "stop" }) : null),
      bar || "", now.files.length ? h("p", { class: "xd-made" }, "文件：", now.files.map((name) => [button(`下载 ${name}`, () => this.download(now.id, name), "small"),
        name.endsWith(".docx") ? button("预览", () => this.preview(now.id, name), "small", { name: "preview" }) : null])) : "",
      lines.length ? h("details", { open: saidOpen }, h("summary", {}, "经过"), this.said(now, lines)) : "",
      now.command ? h("p", { class: "xd-same" }, "同样的命令：", h("code", { class: "xd-command" }, now.command)) : "",
      work.before.length ? h("details", {}, h("summary", {}, `此前的工作 ${work.before.length} 项`), h("ul", {}, work.before.map((one) => h("li", {},
        `${one.title}：${one.stateLabel}（${one.who}） `, one.files.map((name) => button(`下载 ${name}`, () => this.download(one.id, name), "small")))))) : "");
    if (now.going) this.timer = setTimeout(() => this.poll(), POLL_MS);
    else if (before && before.now && before.now.id === now.id && before.now.going) this.renew();
  }

  said(now, lines) {
    if (now.faults && now.faults.length) {
      return this.table({ title: `问题 ${now.faults.length} 处，没有导入任何数据`, heads: ["文件", "工作表", "行", "列", "问题"], rows: now.faults, note: "下载“问题清单.xlsx”，对应的行和格已标出；改好后重新上传。" });
    }
    return h("pre", { class: "xd-lines", tabindex: "0", "aria-label": "经过" }, lines.join("\n"));
  }

  async poll() {
    const answer = await this.line.ask({ type: "poll" });
    if (answer.type === "work") this.showWork(answer);
    else this.timer = setTimeout(() => this.poll(), POLL_MS); // broken off, not over
  }

  /** Read the steps anew after work has ended; where somebody types or matches columns, the body stays. */
  async renew() {
    const answer = await this.line.ask({ type: "open", period: this.state.period });
    if (answer.type !== "state") return;
    this.state.steps = answer.state.steps;
    this.state.periods = answer.state.periods;
    this.drawSteps();
    const busy = this.bodyBox.contains(document.activeElement) && typing(document.activeElement);
    if (!busy && !this.bodyBox.querySelector(".xd-mapping-box")) await this.choose(this.step);
  }

  async stop(id) {
    const answer = await this.line.ask({ type: "stop", name: id });
    if (answer.type === "work") this.showWork(answer);
    else this.refused(answer);
  }

  async download(work, name) {
    const answer = await this.line.ask({ type: "fetch", work, name });
    if (answer.type !== "bytes") return this.refused(answer);
    const address = URL.createObjectURL(new Blob([answer.buffers[0]]));
    const link = h("a", { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    return null;
  }

  /** The words and tables of a Word file, in a dialog. */
  async preview(work, file) {
    const answer = await this.line.ask({ type: "look", name: "preview", values: { work, file } });
    if (answer.type === "refused") return this.refused(answer);
    const dialog = h("dialog", { class: "xf-dialog xd-preview", "aria-label": file }, h("h3", {}, file),
      h("div", { class: "xd-pages", tabindex: "0" }, answer.blocks.map((block) => this.block(block))),
      h("div", { class: "xf-dialog-buttons" }, button("关闭", () => dialog.remove(), "primary")));
    this.root.append(dialog);
    dialog.showModal();
    return null;
  }

  again() {
    location.reload();
  }

  address() {
    return addressOf({ step: this.step, period: this.state.period });
  }

  /** While work goes on it is looked at; files that were sent and not yet used are known to this kernel alone. */
  busy() {
    const going = this.work && this.work.now && this.work.now.going;
    return Boolean(going || this.bodyBox.querySelector("input[type=file], .xd-mapping-box"));
  }

  woke() {
    if (this.work && this.work.now && this.work.now.going) this.poll();
  }

  status() {}

  disconnected() {
    if (!this.lostNote) {
      this.lostNote = banner("bad", "正在等待程序回答，或连接已断开。已开始的工作继续进行。", button("重新打开本页", () => this.again(), "small"));
      this.root.prepend(this.lostNote);
    }
    clearInterval(this.waiter);
    if (this.line.asleep) this.waiter = whenServed("", () => this.line.wake(), true);
  }

  reconnected() {
    if (this.lostNote) this.lostNote.remove();
    this.lostNote = null;
    clearInterval(this.waiter);
    if (this.work && this.work.now && this.work.now.going) this.poll();
  }
}

export default widgetOf(StepsPage);
