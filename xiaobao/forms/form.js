// The form: draws one inspection, keeps every answer on its way to the store until it is acknowledged.

const ANSWERS = [
  ["compliant", "符合"],
  ["partially_compliant", "部分符合"],
  ["non_compliant", "不符合"],
  ["not_applicable", "不适用"],
];
const LOOK_MS = 4000;
const AMENDED = "改动原因（提交后改动必填）";
// step of the sheet, message, title, look, what is asked for beside
const STEPS = [
  ["draft", "take_back", "撤回", "", undefined],
  ["confirmed", "confirm_sheet", "确认", "primary", undefined],
  ["submitted", "submit", "提交", "primary", undefined],
  ["returned", "give_back", "退回", "", "退回原因（必填）"],
  ["reviewed", "review", "复核通过", "primary", "复核意见"],
  ["approved", "approve", "审定", "primary", "审定意见"],
];
const ALL = {
  confirmed: ["confirm_all", "确认本机构全部"],
  submitted: ["submit_all", "提交本机构全部"],
  reviewed: ["review_all", "本机构无疑问的全部复核通过"],
  approved: ["approve_all", "审定本机构全部"],
};
const KEYS_HELP = [
  "1 符合　2 部分符合　3 不符合　4 不适用：作答并转到下一项",
  "↓ 或 Enter 下一项，↑ 上一项；Ctrl + Enter 保存并转到下一项",
  "Esc 离开文字框，回到所在的检查项",
  "Ctrl + S 立即保存（平时自动保存）",
  "在文字框内或输入法组词时，数字键只输入文字",
];

/** What an answer says to one input: `cause` names one of several counts of a field. */
function answerOf(response, input) {
  return (input.cause ? response[input.field][input.cause] : response[input.field]) || "";
}

/** The fields of an answer that change when an input takes `value`. */
function answered(response, input, value) {
  return { [input.field]: input.cause ? { ...response[input.field], [input.cause]: value } : value };
}

/** What an answer says, without who and when. */
function said(response) {
  const { revision, author, at, ...rest } = response;
  return JSON.stringify(Object.entries(rest).sort());
}

/** What no longer counts once nothing was found, or nothing applies: every input that is not asked of it. */
function unasked(inputs, conclusion) {
  if (!["compliant", "not_applicable"].includes(conclusion)) return {};
  const gone = inputs.filter((input) => conclusion === "not_applicable" || !input.always);
  return Object.fromEntries(gone.map((input) => [input.field, input.cause ? {} : ""]));
}

/** Make a text box as high as its text. */
function fitHeight(box) {
  box.style.height = "auto";
  box.style.height = `${Math.max(34, box.scrollHeight + 2)}px`;
}

class FillPage {
  constructor(model, el) {
    this.model = model;
    this.root = pageRoot(el, "xf-fill");
    this.line = new Line(model, this);
    this.queue = new SaveQueue(this.line, (id) => this.sending(id), (answer) => this.take(answer), () => this.status());
    this.listen();
    this.open(model.get("state"));
  }

  listen() {
    this.onKey = (event) => this.key(event);
    this.onLeave = (event) => {
      this.queue.flush();
      if (this.queue.open || this.queue.sending) {
        event.preventDefault();
        event.returnValue = "";
      }
    };
    // A text is as many lines as its box is wide: on a phone the box gets its width after it was drawn.
    let wide = 0;
    new ResizeObserver(() => {
      if (wide === this.root.clientWidth) return;
      wide = this.root.clientWidth;
      requestAnimationFrame(() => this.root.querySelectorAll(".xf-area textarea").forEach((box) => box.value && fitHeight(box)));
    }).observe(this.root);
    this.onHide = () => this.queue.flush();
    this.onPrint = () => {
      const { head } = this.state;
      if (head) runningHead(`${head.bank}　${head.title}　${head.unit}　${head.period}`);
      for (const fold of this.root.querySelectorAll(".xf-quiet > details")) fold.open = true;
      for (const box of this.root.querySelectorAll(".xf-area textarea")) fitHeight(box);
    };
    window.addEventListener("beforeprint", this.onPrint);
    this.looking = setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("beforeunload", this.onLeave);
    window.addEventListener("pagehide", this.onHide);
    document.addEventListener("visibilitychange", this.onHide);
  }

  close() {
    this.queue.flush();
    clearInterval(this.looking);
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("beforeunload", this.onLeave);
    window.removeEventListener("pagehide", this.onHide);
    document.removeEventListener("visibilitychange", this.onHide);
    window.removeEventListener("beforeprint", this.onPrint);
    this.line.close();
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  open(state) {
    this.state = state;
    this.items = new Map();
    this.cards = new Map();
    this.faults = new Map();
    this.stale = new Map();
    this.sent = new Map();
    this.current = null;
    this.onlyOpen = false;
    this.queue.forget();
    for (const section of state.sections || []) for (const item of section.items) this.items.set(item.id, item);
    this.root.replaceChildren(this.header(), this.notices(), this.body());
    if (state.head) this.takeUpDraft();
    this.comeBack();
    this.status();
    this.count();
  }

  header() {
    const { chooser, head } = this.state;
    this.saveState = h("span", { class: "xf-save", role: "status", "aria-live": "polite" });
    this.bar = h("span", { class: "xf-bar-fill" });
    this.counted = h("span", { class: "xf-counted" });
    const pick = (label, list, name) =>
      selectBox(label, list, chooser[name], (value) => this.choose({ [name]: value }), { name });
    const blank = (list, chosen) => (chosen ? list : [["", "请选择"], ...list]);
    return h("div", { class: "xf-header" },
      h("div", { class: "xf-row" },
        h("div", { class: "xf-brand" }, h("strong", {}, head ? head.title : "检查表填报"),
          h("span", { class: "xf-muted" }, head ? `${head.bank}　检查表版本 ${head.version}` : "消保自查工作台")),
        h("div", { class: "xf-picks" },
          pick("机构", blank(chooser.units, chooser.unit), "unit"),
          pick("检查期间", blank(chooser.periods, chooser.period), "period"),
          pick("检查域", blank(chooser.domains, chooser.domain), "domain")),
        head ? h("span", { class: `xf-chip xf-state-${head.state}` }, head.stateLabel) : null,
        head ? h("span", { class: "xf-chip xf-view" }, head.view) : null,
        this.saveState),
      head ? h("div", { class: "xf-row xf-row-2" },
        h("span", { class: "xf-bar", "aria-hidden": "true" }, this.bar), this.counted,
        h("span", { class: "xf-grow" }),
        this.buttons()) : null);
  }

  buttons() {
    const { head } = this.state;
    const filter = button("只看未完成", () => this.toggleOpen(filter), "", { "aria-pressed": "false" });
    const move = this.steps();
    return h("div", { class: "xf-buttons" }, filter, mineButton(this), shareButton(this),
      button("快捷键", () => askPerson(this.root, "快捷键", KEYS_HELP), "", { name: "keys" }),
      button("打印", () => window.print(), ""), move);
  }

  /** The steps that whoever looks may take now; `waiting` says who takes the others. */
  steps() {
    const { steps } = this.state.rounds;
    const all = [];
    const made = STEPS.filter(([step]) => step in steps).map(([step, type, title, kind, label]) => {
      const why = steps[step];
      if (!why && ALL[step]) all.push(ALL[step]);
      if (why) return null;
      const act = () => (type === "submit" ? this.submit() : this.sign(type, title, label));
      return button(title, act, kind, { name: type });
    });
    const whole = all.map(([type, title]) => button(title, () => this.signAll(type, title), "", { name: type }));
    return [made, whole, appealButtons(this)];
  }

  /** Why the next signature is somebody else's, in a line. */
  waiting() {
    const { steps } = this.state.rounds;
    const why = ["confirmed", "reviewed", "approved"].map((step) => steps[step]).find(Boolean);
    return why ? h("p", { class: "xf-muted xf-signatures" }, why) : "";
  }

  async sign(type, title, label) {
    await this.queue.flush();
    const remarks = type === "give_back" ? Object.fromEntries(this.remarks) : {};
    const count = Object.values(remarks).filter((text) => text.trim()).length;
    const text = count ? [`附退回意见 ${count} 条。`] : [];
    const reason = await askPerson(this.root, `${title}本检查表`, text, title, label);
    if (reason !== null) await this.ask({ type, reason, remarks });
  }

  /** One act for all sheets of the unit; what became of each is told. */
  async signAll(type, title) {
    await this.queue.flush();
    const text = ["逐张办理并分别记录；不完整的、有疑问的留下不动，并说明原因。"];
    if ((await askPerson(this.root, title, text, "办理")) === null) return;
    const answer = await this.line.ask({ type });
    this.renew(answer);
    if (answer.told) await askPerson(this.root, title, answer.told);
  }

  /** Why the sheet came back: the reason, and each open remark with a way to its item. */
  returned() {
    const { reason, remarks } = this.state.rounds;
    const open = remarks.filter((remark) => remark.open);
    if (!reason && !open.length) return null;
    const rows = open.map((remark) => h("li", {}, h("button", { type: "button", class: "xf-link",
      onclick: () => this.go(this.items.get(remark.item)) }, this.items.has(remark.item) ? this.items.get(remark.item).title : remark.item),
    h("span", {}, `　${remark.text}`)));
    return h("div", { class: "xf-banner xf-warn", role: "status", "data-name": "returned" },
      h("div", {}, h("p", {}, h("b", {}, "退回原因　"), reason || "见各项意见"),
        rows.length ? h("p", {}, `退回意见 ${rows.length} 条待处理：`) : null, rows.length ? h("ol", {}, rows) : null));
  }

  notices() {
    this.noticeBox = h("div", { class: "xf-notices" });
    if (this.state.fault) this.noticeBox.append(banner("bad", this.state.fault));
    const { head } = this.state;
    this.remarks = new Map();
    if (head) this.noticeBox.append(this.returned() || "");
    if (head && this.state.rounds.signatures.length) {
      this.noticeBox.append(h("p", { class: "xf-muted xf-signatures" }, this.state.rounds.signatures.join("；　")));
    }
    if (head) this.noticeBox.append(this.waiting(), appealNotice(this), whoIsWhere(this));
    if (head && !head.open) {
      const why = head.why.length ? head.why.join("；") : `本检查表${head.stateLabel}`;
      this.noticeBox.append(banner("info", `${why}，只能查看。`));
    }
    if (this.state.next) {
      const { domain, title } = this.state.next;
      this.noticeBox.append(banner("info", `本检查表${head.stateLabel}。`,
        button(`下一张：${title}`, () => this.choose({ domain }), "small primary", { name: "next" })));
    }
    if (this.state.question) this.noticeBox.append(this.askedByData(this.state.question));
    if (head && head.newer) {
      const text = `检查表已发布 ${head.newer} 版，本检查任务仍用 ${head.version} 版。`;
      this.noticeBox.append(banner("info", text, button("换用新版", () => this.moveVersion(), "small", { name: "move" })));
    }
    return this.noticeBox;
  }

  body() {
    const { sections, head } = this.state;
    if (!head) return h("p", { class: "xf-empty" }, "请选择机构、检查期间和检查域。");
    this.links = new Map();
    this.missingBox = h("div", { class: "xf-missing" });
    const nav = h("nav", { class: "xf-nav", "aria-label": "评价要素" },
      h("h2", {}, "评价要素"),
      h("ol", {}, sections.map((section) => this.navLink(section))), this.missingBox);
    let number = 0;
    const blocks = sections.map((section) => {
      const id = `xf-section-${section.id}`;
      return h("section", { class: `xf-section xf-depth-${section.depth}`, id, "aria-label": section.title },
        h("h2", {}, section.title, h("small", {}, `${section.points} 分`)),
        section.items.map((item) => {
          number += 1;
          return this.card(item, number);
        }));
    });
    return h("div", { class: "xf-body" }, nav,
      h("div", { class: "xf-main" }, head.purpose ? h("p", { class: "xf-purpose" }, head.purpose) : null, blocks,
        this.aside(), this.signing()));
  }

  /** On paper only: who signs, with those who have signed here. */
  signing() {
    const { signatures } = this.state.rounds;
    return h("div", { class: "xf-sign" }, signatures.map((text) => h("p", {}, text)),
      h("p", {}, ["填报人", "机构负责人", "复核人"].map((who) => h("span", {}, `${who}（签字）：`)), h("span", {}, "日期：")));
  }

  /** Answers to items that the present version no longer has. */
  aside() {
    const { aside } = this.state;
    if (!aside.length) return null;
    return h("details", { class: "xf-aside" }, h("summary", {}, `现行版本已删除的检查项 ${aside.length} 项（原答复保留备查）`),
      h("ul", {}, aside.map((one) => h("li", {}, h("b", {}, `${one.id} ${one.title}`), `（${one.version} 版）${one.answer}`))));
  }

  navLink(section) {
    const counted = h("span", { class: "xf-nav-count" });
    const go = () => this.root.querySelector(`#${CSS.escape(`xf-section-${section.id}`)}`)
      .scrollIntoView({ block: "start" });
    this.links.set(section.id, counted);
    return h("li", { class: `xf-depth-${section.depth}` },
      h("button", { type: "button", class: "xf-link", onclick: go }, h("span", {}, section.title), counted));
  }

  card(item, number) {
    item.number = number;
    const parts = [h("div", { class: "xf-ask" }, this.question(item, number)), h("div", { class: "xf-reply" })];
    const quiet = this.quiet(item);
    const card = h("article", { class: `xf-item ${quiet ? "xf-quiet" : ""}`, tabindex: "-1", "data-item": item.id,
      "data-severity": item.severity },
    quiet ? h("details", {}, h("summary", {}, h("span", { class: "xf-number" }, number), h("span", {}, item.title),
      h("span", { class: "xf-chip" }, quiet)), h("div", { class: "xf-unfolded" }, parts)) : parts);
    card.addEventListener("focusin", () => this.setCurrent(item.id));
    card.addEventListener("focusout", () => setTimeout(() => this.queue.flush(), 0));
    this.cards.set(item.id, card);
    this.drawReply(item);
    return card;
  }

  /** What an item that needs nothing of anybody here says in a word, "" for every other. Such items are folded. */
  quiet(item) {
    if (item.answerable || this.state.rounds.remarks.some((remark) => remark.item === item.id && remark.open)) return "";
    if (item.notApplicable) return "不适用";
    if (item.waiting) return "待前项作答";
    const worst = ["leads", "error", "no_data"].find((status) => item.results.some((one) => one.status === status));
    const first = item.results.find((one) => one.status === worst) || item.results[0];
    return `数据检查　${first ? first.statusLabel : "尚未运行"}`;
  }

  question(item, number) {
    const fold = (title, text) => (text ? [h("dt", {}, title), h("dd", {}, text)] : []);
    return [
      h("h3", {}, h("span", { class: "xf-number" }, number), item.title),
      h("p", { class: "xf-tags" }, h("span", {}, `${item.points} 分`),
        h("span", { class: `xf-sev xf-sev-${item.severity}` }, `严重程度 ${item.severityLabel}`),
        item.by === "data" ? h("span", { class: "xf-by" }, "数据检查") : null,
        item.evidenceRequired ? h("span", { class: "xf-need" }, "须附佐证") : null,
        item.assigned ? h("span", { class: "xf-chip" }, `负责人 ${item.assigned}`) : null,
        item.response.amended ? h("span", { class: "xf-amended" }, "提交后有改动") : null),
      h("p", { class: "xf-requirement" }, item.requirement),
      h("details", { class: "xf-basis" }, h("summary", {}, "检查依据与检查程序"),
        h("dl", {}, fold("检查依据", item.citation), fold("检查程序", item.procedure), fold("检查方法", item.method),
          fold("抽样规则", item.sample),
          fold("佐证要求", item.evidenceRule), fold("做得好的", item.good), fold("常见问题", item.bad))),
    ];
  }

  drawReply(item) {
    const box = this.cards.get(item.id).querySelector(".xf-reply");
    const parts = [];
    if (item.notApplicable) parts.push(h("p", { class: "xf-ruled-out" }, h("b", {}, "不适用　"), item.notApplicable));
    else if (item.waiting) parts.push(h("p", { class: "xf-muted" }, item.waiting));
    else if (item.by === "data") parts.push(this.results(item));
    parts.push(dataRecords(this, item), besideItem(this, item));
    if (item.carried && item.answerable) parts.push(this.carried(item));
    if (item.answerable) parts.push(this.answering(item));
    if (item.own) parts.push(new ReviewBox(this, item));
    parts.push(this.remarked(item));
    box.replaceChildren(...parts.filter(Boolean));
    this.mark(item);
  }

  /** What the reviewer asked of this item, and how it was cleared; for whoever may return, room to ask. */
  remarked(item) {
    const { remarks, steps } = this.state.rounds;
    const rows = remarks.filter((remark) => remark.item === item.id).map((remark) => h("li", {},
      h("b", {}, "退回意见　"), remark.text, h("small", {}, `　${remark.by}`),
      remark.open
        ? this.state.head.open ? button("已处理", () => this.clear(remark), "small", { name: "clear_remark" }) : h("em", {}, "　待处理")
        : h("p", { class: "xf-muted" }, `处理：${remark.cleared}`)));
    const objects = Boolean(this.state.appeal) && this.state.appeal.steps.file_appeal === "";
    const ask = (steps.returned === "" && item.answerable) || objects;
    if (!rows.length && !ask) return null;
    const [wanted, write] = objects ? ["申诉理由（点“申诉”时一并提出）", "写申诉理由"] : ["退回意见（退回时一并给出）", "写退回意见"];
    const box = h("div", { class: `xf-remarks ${rows.length ? "" : "xf-screen"}` }, rows.length ? h("ul", {}, rows) : null);
    if (ask) {
      const id = freshId("remark");
      const area = h("div", { class: "xf-area", hidden: true }, h("label", { for: id }, wanted),
        h("textarea", { id, rows: 2, maxlength: 1000, "data-name": "remark",
          oninput: (event) => this.remarks.set(item.id, event.target.value) }));
      const show = button(write, () => {
        area.hidden = false;
        show.hidden = true;
        area.querySelector("textarea").focus();
      }, "small", { name: "remark" });
      box.append(show, area);
    }
    return box;
  }

  async clear(remark) {
    await this.queue.flush();
    const note = await askPerson(this.root, "处理退回意见", [remark.text], "已处理", "做了什么（必填）");
    if (note === null) return;
    await this.ask({ type: "clear_remark", number: remark.number, note });
    this.go(this.items.get(remark.item));
  }

  results(item) {
    const rows = item.results.map((result) => h("li", { class: `xf-result xf-result-${result.status}` },
      h("span", { class: "xf-chip" }, result.statusLabel), h("span", {}, result.title),
      h("small", {}, [result.counts, result.note].filter(Boolean).join("　"))));
    return h("div", { class: "xf-results" },
      rows.length ? h("ul", {}, rows) : h("p", { class: "xf-muted" }, "由数据检查得出结论，运行后在此显示结果。"),
      item.byHand ? h("p", { class: "xf-hint" }, "数据不足，可由人工抽查后在下方作答。") : null);
  }

  /** An answer brought along from another version: both wordings side by side, and a button that lets it stand. */
  carried(item) {
    const { version, asksAnew, answer, changes } = item.carried;
    const rows = changes.map(([title, before, after]) =>
      h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, before || "（无）"), h("td", {}, after || "（无）")));
    const table = h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, ""), h("th", {}, `${version} 版`),
      h("th", {}, "现行版"))), h("tbody", {}, rows));
    const what = asksAnew ? "检查项已改版，请对照后重新作答" : "待确认";
    return h("div", { class: "xf-carried" }, h("p", {}, h("b", {}, what), `　${version} 版的答复：${answer}`),
      rows.length ? table : null,
      this.state.head.open
        ? button("原答复仍然成立，确认", () => this.confirm(item), "small", { name: "confirm" }) : null);
  }

  async confirm(item) {
    await this.queue.flush();
    await this.ask({ type: "confirm", item: item.id });
    this.go(this.items.get(item.id));
  }

  /** What newer data ask of whoever reviews: which data and checks, what they said then and say now. */
  askedByData({ open, title, lines, mayAnswer, why }) {
    const give = (kind, head, action, wants) => async () => {
      const reason = await askPerson(this.root, head, lines, action, wants);
      if (reason !== null) await this.ask({ type: "answer_question", answer: kind, reason });
    };
    return banner(open ? "bad" : "info",
      h("div", { class: "xf-asked" }, h("b", {}, title), h("ul", {}, lines.map((line) => h("li", {}, line))),
        why ? h("p", {}, why) : null,
        mayAnswer ? h("div", { class: "xf-buttons" },
          button("退回，按新数据重填", give("returned", "退回本检查表，重新提交时按新数据", "退回", "退回原因（必填）"), "",
            { name: "data-return" }),
          button("维持并说明理由", give("kept", "维持原结果，依据仍是提交时的数据", "维持", "理由（必填）"), "primary",
            { name: "data-keep" })) : null));
  }

  async moveVersion() {
    await this.queue.flush();
    const text = [`换用 ${this.state.head.newer} 版。没有变化的检查项沿用原答复、逐项确认；改动的并列显示；删除的另行保留。`];
    const reason = await askPerson(this.root, "换用新版检查表", text, "换用", "原因（必填）");
    if (reason !== null) await this.ask({ type: "move_version", version: this.state.head.newer, reason });
  }

  answering(item) {
    const locked = !this.state.head.open;
    const name = freshId("answer");
    const fieldset = h("fieldset", { class: "xf-answers", disabled: locked },
      h("legend", { class: "xf-hidden" }, `${item.title}：检查结论`),
      ANSWERS.map(([code, text], index) => {
        const id = freshId("radio");
        return h("span", { class: `xf-answer xf-answer-${code}` },
          h("input", { type: "radio", id, name, value: code, checked: item.response.conclusion === code,
            onchange: () => this.answer(item, code) }),
          h("label", { for: id }, text, h("kbd", { "aria-hidden": "true" }, index + 1)));
      }));
    return h("div", {}, fieldset, h("div", { class: "xf-details" }, this.details(item, locked)));
  }

  details(item, locked) {
    const { response } = item;
    const said = response.conclusion;
    const parts = [];
    const shown = item.inputs.filter((input) =>
      said !== "not_applicable" && (input.always || (said && said !== "compliant")));
    if (shown.length) parts.push(h("div", { class: "xf-inputs" }, shown.map((input) => this.input(item, input, locked))));
    if (said && said !== "compliant") {
      const label = said === "not_applicable" ? "不适用的理由（必填）" : "扣分理由（有扣分时必填）";
      parts.push(this.area(item, "reason", label, locked));
    }
    if (said !== "not_applicable") parts.push(this.area(item, "note", noteLabel(item), locked), this.evidence(item, locked));
    if (this.amends(item)) parts.push(this.area(item, "amended", AMENDED, locked));
    if (said && said !== "compliant" && said !== "not_applicable" && !locked) parts.push(standardWording(this, item));
    parts.push(h("p", { class: "xf-cost", "aria-live": "polite" }, item.cost || ""));
    parts.push(h("div", { class: "xf-faults", role: "alert" }), h("div", { class: "xf-stale" }),
      h("p", { class: "xf-meta" }));
    return parts;
  }

  /** Whether the answer was changed after the sheet had been handed in: then why must be said. */
  amends(item) {
    return this.state.rounds.handedIn && (item.touched || Boolean(item.response.amended));
  }

  /** One widget of what a rule asks: a choice, a number or a measured value; where it goes is said by the data. */
  input(item, input, locked) {
    const id = freshId("input");
    const { response } = item;
    const set = (event) => this.change(item, answered(item.response, input, event.target.value), event.type === "input");
    if (input.widget === "choice") {
      const box = h("select", { id, disabled: locked, onchange: set }, h("option", { value: "" }, "请选择"),
        input.options.map(([code, text]) => h("option", { value: code }, text)));
      box.value = answerOf(response, input);
      return h("div", { class: "xf-input" }, h("label", { for: id }, input.label), box);
    }
    if (input.widget === "lines") {
      const lines = h("textarea", { id, rows: 3, maxlength: 4000, disabled: locked,
        value: answerOf(response, input), oninput: set });
      return h("div", { class: "xf-input xf-lines" }, h("label", { for: id }, input.label), lines,
        h("small", {}, input.hint));
    }
    const box = h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off",
      value: answerOf(response, input), disabled: locked, oninput: set });
    return h("div", { class: "xf-input" }, h("label", { for: id }, input.label), h("span", { class: "xf-field" }, box,
      input.widget === "measure" ? this.measureUnit(item, input, locked) : h("span", {}, input.suffix)),
    input.hint ? h("small", {}, input.hint) : null);
  }

  measureUnit(item, input, locked) {
    if (!item.response.measuredUnit) item.response.measuredUnit = input.unit;
    const box = h("select", { "aria-label": "计量单位", disabled: locked,
      onchange: (event) => this.change(item, { measuredUnit: event.target.value }) },
    input.options.map(([code, text]) => h("option", { value: code }, text)));
    box.value = item.response.measuredUnit;
    return box;
  }

  area(item, name, label, locked) {
    const id = freshId("area");
    const box = h("textarea", { id, rows: 1, maxlength: 4000, disabled: locked, value: item.response[name],
      "data-name": name,
      oninput: (event) => {
        fitHeight(event.target);
        this.change(item, { [name]: event.target.value }, true);
      } });
    if (item.response[name]) requestAnimationFrame(() => fitHeight(box));
    return h("div", { class: "xf-area" }, h("label", { for: id }, label), box);
  }

  // --- answering -------------------------------------------------------------------------------------------------

  answer(item, conclusion) {
    if (item.response.conclusion === conclusion) return;
    this.change(item, { conclusion });
    const card = this.cards.get(item.id);
    const radio = card.querySelector(`input[value="${conclusion}"]`);
    if (radio) radio.checked = true;
    card.querySelector(".xf-details").replaceChildren(...this.details(item, false));
    this.mark(item);
  }

  change(item, fields, typed) {
    if (!this.state.head.open) return;
    const said = fields.conclusion;
    Object.assign(item.response, unasked(item.inputs, said));
    if (said === "compliant") item.response.reason = "";
    Object.assign(item.response, fields);
    item.touched = true;
    const faultBox = this.cards.get(item.id).querySelector(".xf-faults");
    if (this.amends(item) && faultBox && !this.cards.get(item.id).querySelector("[data-name=amended]")) {
      faultBox.before(this.area(item, "amended", AMENDED, false));
    }
    this.faults.delete(item.id);
    this.queue.mark(item.id, typed);
    this.keepDraft();
    this.mark(item);
    askAnew(this);
    this.count();
  }

  /** What has to be written before this answer can stand: the first such box, or nothing. */
  needed(item) {
    const card = this.cards.get(item.id);
    const said = item.response.conclusion;
    if (!said || said === "compliant") {
      return [...card.querySelectorAll(".xf-inputs input, .xf-inputs select, .xf-inputs textarea")].find((box) => !box.value) || noteNeeded(card, item);
    }
    if (said === "not_applicable") return item.response.reason ? null : card.querySelector("[data-name=reason]");
    const lists = [...card.querySelectorAll(".xf-inputs select, .xf-inputs textarea")];
    const list = lists.find((box) => !box.value);
    if (list) return list;
    const boxes = [...card.querySelectorAll(".xf-inputs input")];
    const numbers = boxes.length && boxes.every((box) => !box.value) ? boxes[0] : null;
    return numbers || (item.response.reason ? noteNeeded(card, item) : card.querySelector("[data-name=reason]"));
  }

  patch(id) {
    return { ...this.items.get(id).response };
  }

  /** What is sent of an item; it is remembered until it is acknowledged, so that a lost answer to it is known as mine. */
  sending(id) {
    const patch = this.patch(id);
    this.sent.set(id, [...(this.sent.get(id) || []), said(patch)]);
    return patch;
  }

  /** Take my own text, stored though its acknowledgement was lost, for what it is: what was typed since goes on top. */
  mineAlready(id, stored) {
    if (!(this.sent.get(id) || []).includes(said(stored))) return false;
    const { revision, author, at } = stored;
    Object.assign(this.items.get(id).response, { revision, author, at });
    this.stale.delete(id);
    this.queue.mark(id);
    return true;
  }

  take(answer) {
    if (answer.type === "refused") {
      this.say("bad", answer.faults.join("；"));
      return;
    }
    for (const [id, response] of Object.entries(answer.saved)) this.saved(id, response);
    for (const [id, faults] of Object.entries(answer.faults)) this.faults.set(id, faults);
    for (const [id, both] of Object.entries(answer.stale)) if (!this.mineAlready(id, both.saved)) this.stale.set(id, both.saved);
    for (const [id, cost] of Object.entries(answer.costs || {})) showCost(this, this.items.get(id), cost);
    for (const id of [...Object.keys(answer.saved), ...Object.keys(answer.faults), ...Object.keys(answer.stale)]) {
      this.mark(this.items.get(id));
    }
    this.keepDraft();
    this.count();
  }

  // --- what others do meanwhile ----------------------------------------------------------------------------------

  /** Ask what others saved since: shown at once, and beside what is being typed here before it is finished. */
  async look(always) {
    if (!this.state.head || this.line.asleep) return;
    const busy = this.line.lost || this.queue.sending || this.line.waiting.size;
    if (!always && (busy || document.visibilityState !== "visible" || !this.root.isConnected)) return;
    const known = Object.fromEntries([...this.items.values()].map((item) => [item.id, item.response.revision || 0]));
    const { state } = this.state.head;
    const answer = await this.line.ask({ type: "look", known, state }, undefined, true);
    if (answer.type === "refused" && always) this.say("bad", answer.faults.join("；"));
    if (answer.type !== "news" || state !== this.state.head.state) return;
    for (const [id, response] of Object.entries(answer.items)) this.fromOthers(this.items.get(id), response);
    askAnew(this);
    if (answer.told) tellWhere(this, answer.told);
    if (Object.keys(answer.items).length) this.count();
    if (answer.moved && !this.queue.open) this.choose({});
    else if (answer.moved && !this.movedNote) {
      this.movedNote = banner("bad", answer.moved);
      this.noticeBox.append(this.movedNote);
    }
  }

  fromOthers(item, response) {
    if (!item || response.revision <= (item.response.revision || 0)) return;
    if (this.queue.dirty.has(item.id) || this.queue.blocked.has(item.id)) {
      if (this.mineAlready(item.id, response)) return;
      this.stale.set(item.id, response);
      this.mark(item);
      return;
    }
    const box = document.activeElement;
    const inside = this.cards.get(item.id).contains(box) ? box.dataset.name : "";
    item.response = { ...response };
    this.drawReply(item);
    const again = inside && this.cards.get(item.id).querySelector(`[data-name="${inside}"]`);
    if (again) again.focus();
    this.cards.get(item.id).classList.add("xf-fresh");
    setTimeout(() => this.cards.get(item.id).classList.remove("xf-fresh"), 3000);
  }

  /** Take over who, when and revision; what was typed since stays. */
  saved(id, response) {
    const item = this.items.get(id);
    const { revision, author, at } = response;
    if (item.carried) this.cards.get(id).querySelector(".xf-carried")?.remove();
    item.carried = null;
    Object.assign(item.response, { revision, author, at });
    this.faults.delete(id);
    this.stale.delete(id);
    this.sent.delete(id);
  }

  mark(item) {
    const card = this.cards.get(item.id);
    if (!card) return;
    const { conclusion, author, at, revision } = item.response;
    const unsaved = this.queue.dirty.has(item.id) || this.queue.blocked.has(item.id);
    card.dataset.answer = item.notApplicable ? "ruled-out" : conclusion;
    card.classList.toggle("xf-unsaved", unsaved);
    card.classList.toggle("xf-wrong", this.faults.has(item.id) || this.stale.has(item.id));
    card.classList.toggle("xf-done", !this.isOpen(item));
    const faults = card.querySelector(".xf-faults");
    if (!faults) return;
    faults.replaceChildren(...(this.faults.get(item.id) || []).map((text) => h("p", {}, `未保存：${text}`)));
    card.querySelector(".xf-stale").replaceChildren(...this.choice(item));
    card.querySelector(".xf-meta").textContent = revision ? `${author}　${at}　第 ${revision} 版` : "";
  }

  choice(item) {
    const saved = this.stale.get(item.id);
    if (!saved) return [];
    const say = (response) => {
      const answer = ANSWERS.find(([code]) => code === response.conclusion);
      const texts = [answer ? answer[1] : "未检查", response.reason, response.note].filter(Boolean);
      return texts.map((text) => h("p", {}, text));
    };
    const theirs = () => {
      item.response = { ...saved };
      this.queue.blocked.delete(item.id);
      this.queue.dirty.delete(item.id);
      this.stale.delete(item.id);
      this.drawReply(item);
      this.keepDraft();
      this.status();
      this.count();
    };
    const mine = () => {
      item.response.revision = saved.revision;
      this.stale.delete(item.id);
      this.queue.mark(item.id);
      this.mark(item);
    };
    return [h("div", { class: "xf-both", role: "alert" }, h("b", {}, "这一项已被他人先保存，请选择保留哪一份"),
      h("div", {}, h("h4", {}, `已保存（${saved.author}　${saved.at}）`), say(saved), button("用已保存的", theirs)),
      h("div", {}, h("h4", {}, "我填写的"), say(item.response), button("用我的", mine, "primary")))];
  }

  // --- evidence --------------------------------------------------------------------------------------------------

  evidence(item, locked) {
    const id = freshId("file");
    const files = item.response.evidence.map((sha) => item.files.find((file) => file.sha === sha) || { sha, name: sha });
    const chips = files.map((file) => evidenceChip(this, file, locked ? null : h("button", { type: "button", "aria-label": `移除 ${file.name}`, onclick: () => {
        this.change(item, { evidence: item.response.evidence.filter((sha) => sha !== file.sha) });
        this.drawReply(item);
      } }, "×")));
    const picker = (name, more) => h("input", { type: "file", id: name, class: "xf-hidden", ...more,
      onchange: async (event) => {
        const chosen = [...event.target.files];
        event.target.value = "";
        for (const file of chosen) await this.upload(item, file);
      } });
    const pick = picker(id, { accept: ".pdf,.png,.jpg,.jpeg,.heic,.webp,.gif,.mp3,.m4a,.wav,.ogg,.mp4,.mov,.webm,.docx,.xlsx,.pptx,.txt", multiple: true });
    const camera = picker(`${id}-camera`, { accept: "image/*", capture: "environment" });
    return h("div", { class: "xf-evidence" }, h("span", { class: "xf-label" }, "佐证材料"), chips,
      locked ? null : [pick, h("label", { for: id, class: "xf-button small" }, "上传文件"),
        camera, h("label", { for: `${id}-camera`, class: "xf-button small xf-camera" }, "拍照")],
      h("span", { class: "xf-upload", role: "status" }));
  }

  async upload(item, file) {
    const { piece, megabytes, allowed } = this.state.limits;
    const say = (text) => {
      const box = this.cards.get(item.id).querySelector(".xf-upload");
      if (box) box.textContent = text;
    };
    if (file.size > megabytes * 1048576 || file.size === 0) {
      say(`${file.name} 没有上传：${file.size ? `${fileSize(file.size)} 超过限制` : "文件是空的"}。允许：${allowed}`);
      return;
    }
    const told = { item: item.id, sha256: await hashOf(file) };
    const answer = await sendPieces(this.line, file, piece, told, (done) => say(`正在上传 ${file.name}　${done}%`));
    if (answer.file) this.attached(item, answer.file);
    else say(`${file.name} 没有上传：${(answer.faults || ["连接中断"]).join("；")}`);
  }

  attached(item, file) {
    if (!item.files.some((known) => known.sha === file.sha)) item.files.push(file);
    if (!item.response.evidence.includes(file.sha)) {
      this.change(item, { evidence: [...item.response.evidence, file.sha] });
    }
    this.drawReply(item);
  }

  // --- moving about ----------------------------------------------------------------------------------------------

  key(event) {
    if (event.isComposing || event.keyCode === 229 || !this.state.head || !meant(this.root, event)) return;
    const card = event.target.closest(".xf-item");
    if (event.key === "Escape" && card && typing(event.target)) {
      event.preventDefault();
      card.focus({ preventScroll: true });
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      this.queue.flush();
      this.step(event, 1);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.queue.again();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key >= "1" && event.key <= "4") this.answerByKey(event);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(event, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && event.target.tagName === "ARTICLE") this.step(event, 1);
    else if (event.key === "?") askPerson(this.root, "快捷键", KEYS_HELP);
  }

  answerByKey(event) {
    const item = this.items.get(this.current) || this.asked()[0];
    if (!item || !item.answerable || !this.state.head.open) return;
    event.preventDefault();
    this.answer(item, ANSWERS[Number(event.key) - 1][0]);
    const box = this.needed(item);
    if (box) box.focus();
    else this.go(this.after(item, 1));
  }

  step(event, way) {
    event.preventDefault();
    const from = this.items.get(this.current);
    this.go(from ? this.after(from, way) : this.asked()[0]);
  }

  asked() {
    return [...this.items.values()].filter((item) => item.answerable && !this.cards.get(item.id).hidden);
  }

  after(item, way) {
    const list = [...this.items.values()].filter((i) => i === item || (i.answerable && !this.cards.get(i.id).hidden));
    return list[list.indexOf(item) + way];
  }

  go(item) {
    if (!item) return;
    const card = this.cards.get(item.id);
    const folded = card.querySelector("details:not([open])");
    if (folded && card.classList.contains("xf-quiet")) folded.open = true;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "center" });
    this.setCurrent(item.id);
  }

  setCurrent(id) {
    if (this.current === id) return;
    const before = this.cards.get(this.current);
    if (before) before.classList.remove("xf-current");
    this.current = id;
    this.cards.get(id).classList.add("xf-current");
  }

  toggleOpen(filter) {
    this.onlyOpen = !this.onlyOpen;
    filter.setAttribute("aria-pressed", String(this.onlyOpen));
    for (const item of this.items.values()) this.cards.get(item.id).hidden = this.onlyOpen && !this.isOpen(item);
    for (const section of this.state.sections) {
      const block = this.root.querySelector(`#${CSS.escape(`xf-section-${section.id}`)}`);
      block.hidden = this.onlyOpen && !section.items.some((item) => this.isOpen(item));
    }
  }

  /** Missing is: asked, and without conclusion, without needed evidence, or not in the store yet. */
  isOpen(item) {
    if (item.notApplicable || item.waiting || item.by === "data") return false;
    return !item.response.conclusion || this.bare(item) || this.queue.dirty.has(item.id) || this.queue.blocked.has(item.id);
  }

  bare(item) {
    return needsOf(item).has("evidence") && !item.response.evidence.length;
  }

  count() {
    if (!this.state.head) return;
    const asked = [...this.items.values()].filter((item) => item.by === "person" && !item.notApplicable && !item.waiting);
    const waits = (item) => this.queue.dirty.has(item.id) || this.queue.blocked.has(item.id);
    const answered = asked.filter((item) => item.response.conclusion && !waits(item));
    const bare = asked.filter((item) => this.bare(item));
    this.bar.style.width = `${asked.length ? (100 * answered.length) / asked.length : 100}%`;
    const lacks = bare.length ? `　缺佐证 ${bare.length} 项` : "";
    const refused = this.queue.blocked.size ? `　未通过 ${this.queue.blocked.size} 项` : "";
    this.counted.textContent = `已答 ${answered.length}/${asked.length}${lacks}${refused}`;
    for (const section of this.state.sections) {
      const mine = section.items.filter((item) => asked.includes(item));
      const done = mine.filter((item) => item.response.conclusion).length;
      const box = this.links.get(section.id);
      box.textContent = mine.length ? `${done}/${mine.length}` : "";
      box.classList.toggle("xf-full", mine.length > 0 && done === mine.length);
    }
    this.missing(asked.filter((item) => !item.response.conclusion), bare,
      [...this.queue.blocked.keys()].map((id) => this.items.get(id)));
  }

  missing(open, bare, refused) {
    const link = (why) => (item) => h("li", {}, h("button", { type: "button", class: "xf-link",
      onclick: () => this.go(item) }, h("span", {}, item.title), why ? h("em", {}, why) : null));
    const rows = [...refused.map(link("未通过")), ...open.map(link("")), ...bare.map(link("缺佐证"))];
    this.missingBox.replaceChildren(h("h2", {}, rows.length ? `尚缺 ${rows.length} 项` : "已全部填写"),
      h("ol", {}, rows));
  }

  // --- saving and states -----------------------------------------------------------------------------------------

  status() {
    const unread = this.state.head && !this.draftRead && !this.queue.open;
    const [kind, text] = unread ? ["idle", "正在核对本机留下的填写…"] : this.queue.status();
    this.saveState.className = `xf-save xf-save-${kind}`;
    if (this.saveState.textContent !== text) this.saveState.textContent = text;
    if (kind === "saved") for (const card of this.root.querySelectorAll(".xf-unsaved")) card.classList.remove("xf-unsaved");
  }

  say(kind, text) {
    const note = banner(kind, text, button("知道了", () => note.remove(), "small"));
    this.noticeBox.append(note);
  }

  /** Open the page anew, at the same item; what was typed is kept on this computer. */
  again() {
    window.removeEventListener("beforeunload", this.onLeave);
    if (this.state.head) sessionStorage.setItem("xiaobao:place", JSON.stringify({ key: this.draftKey(), item: this.current }));
    location.reload();
  }

  /** Where a new kernel finds what stands on the page. */
  address() {
    return addressOf(this.state.chooser);
  }

  busy() {
    return Boolean(this.queue.dirty.size || this.queue.sending);
  }

  woke() {
    this.look(true);
  }

  disconnected() {
    if (!this.lostNote) {
      this.lostNote = banner("bad", "连接已断开。可以继续填写，内容留在本机；恢复后本页自动继续并保存。",
        button("重新打开本页", () => this.again(), "small"));
      this.root.classList.add("xf-lost");
      this.root.prepend(this.lostNote);
    }
    this.status();
    clearInterval(this.waiter);
    const { asleep } = this.line;
    const back = () => {
      if (asleep) this.line.wake();
      else if (!this.line.carrying) this.again();
    };
    if (ownPage()) this.waiter = whenServed(this.state.head ? this.state.head.login : "", back, asleep);
  }

  /** Go back to where one was before the page opened itself again. */
  comeBack() {
    const place = JSON.parse(sessionStorage.getItem("xiaobao:place") || "null");
    if (!place || !this.state.head || place.key !== this.draftKey()) return;
    sessionStorage.removeItem("xiaobao:place");
    if (this.items.has(place.item)) requestAnimationFrame(() => this.go(this.items.get(place.item)));
  }

  reconnected() {
    if (this.lostNote) this.lostNote.remove();
    this.lostNote = null;
    clearInterval(this.waiter);
    this.root.classList.remove("xf-lost");
    this.status();
    if (!this.line.out) this.queue.retry();
  }

  draftKey() {
    const { head } = this.state;
    return `${head.actor}|${head.key}`;
  }

  keepDraft() {
    if (!this.draftRead) return;
    const items = {};
    for (const id of [...this.queue.dirty.keys(), ...this.queue.blocked.keys()]) items[id] = this.patch(id);
    drafts.write(this.draftKey(), items);
  }

  /** Take up what was typed here and not yet stored when the page went away: nobody is asked, nobody is overwritten. */
  async takeUpDraft() {
    const { state } = this;
    this.draftRead = false;
    const draft = await drafts.read(this.draftKey());
    if (state !== this.state) return; // another sheet was opened meanwhile
    this.draftRead = true;
    this.status();
    const here = (id) => this.queue.dirty.has(id) || this.queue.blocked.has(id); // answered while the draft was read
    const ids = Object.keys(draft).filter((id) => this.items.has(id) && !here(id) && (this.items.get(id).answerable || this.items.get(id).relevant.length));
    const news = ids.filter((id) => said(draft[id]) !== said(this.items.get(id).response));
    if (!news.length && Object.keys(draft).length) this.keepDraft();
    if (!news.length) return;
    if (!this.state.head.open) { // somebody moved the sheet on meanwhile: what was typed is kept until it is open again
      this.noticeBox.append(banner("warn", `本机还有没有保存的填写 ${news.length} 项，本检查表现在不能修改；退回后自动取回。`));
      return;
    }
    for (const id of news) {
      const item = this.items.get(id);
      const stored = { ...item.response };
      const mine = stored.revision === (draft[id].revision || 0) || stored.author === this.state.head.name;
      item.response = { ...stored, ...draft[id], revision: stored.revision, author: stored.author, at: stored.at };
      item.touched = true;
      this.drawReply(item);
      if (mine) this.queue.mark(id);
      else {
        this.stale.set(id, stored);
        this.queue.blocked.set(id, 0);
      }
      this.mark(item);
    }
    askAnew(this);
    this.keepDraft();
    this.count();
    const note = banner("info", `已取回上次在本机填写、还没有保存的 ${news.length} 项。`, button("知道了", () => note.remove(), "small"));
    this.noticeBox.append(note);
  }

  async choose(change) {
    const { chooser } = this.state;
    await this.queue.flush();
    if (this.queue.open) {
      const text = `有 ${this.queue.open} 项没有保存，离开后只留在本机草稿中。`;
      if ((await askPerson(this.root, "还有没保存的修改", [text], "仍然切换")) === null) {
        this.open({ ...this.state });
        return;
      }
    }
    const { unit, period, domain } = { ...chooser, ...change };
    const answer = await this.line.ask({ type: "open", unit, period, domain });
    this.renew(answer);
  }

  renew(answer) {
    if (answer.type !== "state") {
      this.say("bad", (answer.faults || []).join("；"));
      return;
    }
    const kept = this.model.get("state");
    for (const name of Object.keys(kept)) delete kept[name];
    Object.assign(kept, answer.state);
    const { unit, period, domain } = answer.state.chooser;
    rememberChoice({ unit, period, domain });
    this.open(answer.state);
  }

  async submit() {
    await this.queue.flush();
    const open = [...this.items.values()].filter((item) => this.isOpen(item));
    if (open.length) {
      const why = (item) => (!item.response.conclusion ? "没有结论" : this.bare(item) ? "缺佐证材料" : "没有保存");
      const lines = open.map((item) => ({ text: `${item.title}（${why(item)}）`, go: () => this.go(item) }));
      await askPerson(this.root, `还不能提交：${open.length} 项未完成`, lines);
      if (!this.current || !this.isOpen(this.items.get(this.current))) this.go(open[0]);
      return;
    }
    const text = ["提交后不能再修改，需要修改时由复核人退回。"];
    if ((await askPerson(this.root, "提交本检查表", text, "提交")) !== null) {
      await this.ask({ type: "submit" });
    }
  }

  /** A refusal leads to the item that it names. */
  leading(text) {
    const item = [...this.items.values()].find((one) => text.includes(one.id) || text.includes(one.title));
    return item ? { text, go: () => this.go(item) } : text;
  }

  async ask(content) {
    const answer = await this.line.ask(content);
    if (answer.type === "refused") await askPerson(this.root, "没有完成", answer.faults.map((text) => this.leading(text)));
    else this.renew(answer);
  }
}

/** SHA-256 by the browser where it can (not on plain http addresses of other machines); else nothing. */
async function hashOf(file) {
  if (!window.crypto || !window.crypto.subtle) return "";
  const bytes = await window.crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default widgetOf(FillPage);
