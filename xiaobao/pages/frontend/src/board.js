// The overview board: one anywidget that holds all charts and tables of the page.
import { BANDS, gradeCounts, matrix } from "./charts.js";
import { choice, make } from "./elements.js";
import { EMPTY, countGrades, groupOf, readHash, select, sorted, writeHash } from "./selection.js";

const PAGE_ROWS = 50;

// Under Voila the body names the server's base; on a page in JupyterLab our extension follows its links. A notebook of
// somebody's own there has no page to go to.
function addressOf(data, row, domain, root) {
  const { body } = document;
  const served = body.hasAttribute("data-voila") && body.dataset.baseUrl;
  if (!served && !root.closest(".xiaobao-page")) return undefined;
  const query = new URLSearchParams({ unit: row.id, ...data.address });
  const base = served ? `${body.dataset.baseUrl}render/` : "";
  return `${base}${data.page}?${query}${domain ? `#d-${encodeURIComponent(domain.id)}` : ""}`;
}

function columnsOf(data) {
  return [
    { key: "rank", title: "同层级名次", num: true },
    { key: "name", title: "机构" },
    { key: "level", title: "层级", show: (row) => row.levelTitle },
    { key: "region", title: "区域", show: (row) => row.region || "—" },
    { key: "total", title: "总分", num: true, down: true },
    { key: "coverage", title: "评分覆盖", num: true, down: true },
    { key: "grade", title: "等级", show: (row) => row.gradeLabel || "—", bad: (row) => row.worst },
    { key: "previous", title: "上期", num: true, down: true, show: previous },
    ...data.domains.map((domain) => ({ key: domain.id, title: domain.title, num: true, down: true, domain })),
    { key: "open", title: "待认定疑点", num: true, down: true, bad: (row) => row.numbers.open > 0 },
    { key: "high", title: "高风险发现", num: true, down: true, bad: (row) => row.numbers.high > 0 },
    { key: "findings", title: "发现", num: true, down: true },
    { key: "why", title: "说明", why: true, show: (row) => row.why },
  ];
}

function previous(row) {
  const [now, before] = [row.numbers.total, row.numbers.previous];
  if (now === null || before === null || !row.comparable) return row.shown.previous;
  return `${row.shown.previous} ${now > before ? "升" : now < before ? "降" : "平"}`;
}

class Board {
  constructor(data, element) {
    this.data = data;
    this.rows = data.rows;
    this.every = columnsOf(data);
    this.columns = this.every;
    this.state = readHash(location.hash);
    this.page = 0;
    this.root = make("section", { class: "xb-board", lang: "zh-CN", "aria-label": "消保自查总览" });
    element.append(this.root);
    this.fit();
    this.build();
    this.onhash = () => { this.state = readHash(location.hash); this.page = 0; this.refresh(); };
    this.onresize = () => { this.fit(); this.matrix.resize(); this.grades.resize(); };
    window.addEventListener("hashchange", this.onhash);
    window.addEventListener("resize", this.onresize);
    this.watcher = new ResizeObserver(this.onresize);
    this.watcher.observe(this.root);
    this.refresh();
  }

  // By the board's own width, which JupyterLab makes narrower than the window; Chromium 86 has no container queries.
  fit() {
    const width = this.root.clientWidth;
    this.root.classList.toggle("xb-medium", width <= 1100);
    this.root.classList.toggle("xb-narrow", width <= 700);
  }

  build() {
    const { data } = this;
    this.figures = make("div", { class: "xb-figures", "aria-live": "polite" });
    this.chartBox = make("div", { class: "xb-chart", "data-chart": "matrix" });
    this.gradeBox = make("div", { class: "xb-chart", "data-chart": "grades" });
    this.empty = make("div", { class: "xb-empty", hidden: true });
    this.table = make("div", { class: "xb-scroll" });
    this.pager = make("div", { class: "xb-pager" });
    this.legend = make("div", { class: "xb-legend" }, ...BANDS.map((band) =>
      make("span", {}, make("i", { style: `background:${band.color}` }), band.label)), make("span", {}, "覆盖 n %：评分覆盖不足，没有得分"));
    this.charts = make("div", { class: "xb-charts" },
      make("div", {}, make("h3", {}, "机构 × 检查域得分与总分排名"), this.chartBox, this.legend),
      make("div", {}, make("h3", {}, "等级分布"), this.gradeBox,
        make("p", { class: "xb-note" }, "点等级可只看该等级；点机构进入其考评得分表，点格看该检查域。色阶只便于阅读，等级以评分方案为准。")));
    this.root.append(
      make("h2", {}, `${data.bank} · ${data.period}`), this.figures, this.toolbar(), this.empty, this.charts,
      make("h3", { class: "xb-table-head" }, "机构一览"), this.table, this.pager, ...this.unscored(),
      ...data.notes.map((note) => make("p", { class: "xb-note" }, note)));
    this.matrix = matrix(this.chartBox, data, (row, domain) => this.open(row, domain));
    this.grades = gradeCounts(this.gradeBox, (grade) => this.change("grade", grade));
  }

  // Units without a score: nobody inspected them, or too little was assessed.
  unscored() {
    const { data } = this;
    if (!data.unscored.length) return [];
    const head = make("tr", {}, ...["机构", "层级", "状态", "说明"].map((title) => make("th", { scope: "col" }, title)));
    const body = data.unscored.slice(0, PAGE_ROWS).map(([id, name, level, standing, why]) =>
      make("tr", { "data-unscored": id }, ...[`${name}（${id}）`, level, standing, why].map((text) => make("td", {}, text))));
    return [
      make("h3", { class: "xb-table-head" }, `未检查和覆盖不足的机构（${data.unscored.length} 家）`),
      make("div", { class: "xb-scroll xb-unscored" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body))),
      make("p", { class: "xb-note" }, "没有得分不是没有问题。",
        data.unscored.length > PAGE_ROWS ? `列出前 ${PAGE_ROWS} 家，其余见汇总表。` : ""),
    ];
  }

  toolbar() {
    const { data } = this;
    const all = [["", "全部"]];
    const pick = (key) => (value) => this.change(key, value);
    const sorts = this.every.filter((column) => !column.why)
      .map((column) => [this.sortOf(column), column.key === "rank" ? "层级和名次" : column.title + (column.down ? "（高到低）" : "")]);
    sorts.splice(1, 0, ["total", "总分（低到高）"]);
    this.controls = {
      level: choice("层级", "level", [...all, ...data.levels], pick("level")),
      region: choice("区域", "region", [...all, ...data.regions.map((region) => [region, region])], pick("region")),
      domain: choice("检查域", "domain", [...all, ...data.domains.map((domain) => [domain.id, domain.title])], pick("domain")),
      grade: choice("等级", "grade", [...all, ...data.grades.map((grade) => [grade.id, grade.label])], pick("grade")),
      sort: choice("排序", "sort", sorts, pick("sort")),
    };
    this.search = make("input", {
      type: "search", name: "q", placeholder: data.initials ? "名称、编号、首字母" : "机构名称或编号", size: 20,
      title: data.initials ? "拼音首字母如 cqfh 找重庆分行" : undefined, maxlength: 60,
      oninput: (event) => { if (!event.isComposing) this.change("q", event.target.value); },
      oncompositionend: (event) => this.change("q", event.target.value),
    });
    this.clear = make("button", { type: "button", onclick: () => this.reset() }, "清除");
    this.count = make("span", { class: "xb-count", "aria-live": "polite" });
    const { level, region, domain, grade, sort } = this.controls;
    return make("div", { class: "xb-bar", role: "search" }, level.label, region.label, domain.label, grade.label,
      make("label", {}, "查找", this.search), sort.label, this.clear, this.count);
  }

  sortOf(column) { return column.down ? `-${column.key}` : column.key; }

  change(key, value) {
    this.state = { ...this.state, [key]: value };
    this.page = 0;
    this.remember();
    this.refresh();
  }

  reset() {
    this.state = { ...EMPTY };
    this.page = 0;
    this.remember();
    this.refresh();
  }

  remember() { history.replaceState(history.state, "", location.pathname + location.search + writeHash(this.state)); }

  open(row, domain) {
    const address = addressOf(this.data, row, domain, this.root);
    if (!address) return;
    const link = make("a", { href: address });
    this.root.append(link);
    link.click();
    link.remove();
  }

  // The domains that are shown: the one that is chosen, or all.
  domains() {
    const chosen = this.data.domains.filter((domain) => domain.id === this.state.domain);
    return chosen.length ? chosen : this.data.domains;
  }

  refresh() {
    const { state } = this;
    const kept = new Set(this.domains());
    this.columns = this.every.filter((column) => !column.domain || kept.has(column.domain));
    const chosen = sorted(select(this.rows, state), state.sort);
    for (const [key, control] of Object.entries(this.controls)) control.select.value = state[key];
    if (this.search.value !== state.q) this.search.value = state.q;
    this.clear.disabled = writeHash(state) === "";
    this.count.textContent = `显示 ${chosen.length} / ${this.rows.length} 家`;
    this.showFigures(chosen);
    this.empty.hidden = chosen.length > 0;
    this.charts.hidden = chosen.length === 0;
    this.charts.style.display = chosen.length ? "" : "none";
    this.empty.textContent = this.rows.length
      ? "没有符合条件的机构。请放宽条件，或点“清除”。"
      : "本期还没有机构的考评结果：批次还没有运行，或本批次不检查您能查看的机构。";
    if (chosen.length) {
      this.matrix.draw(chosen, this.domains());
      this.grades.draw(countGrades(chosen, this.data.grades));
    }
    this.showTable(chosen);
  }

  showFigures(chosen) {
    const group = groupOf(this.data.groups, this.state);
    const sum = (key) => chosen.reduce((count, row) => count + (row.numbers[key] ?? 0), 0).toLocaleString("zh-CN");
    const figure = (title, value) => make("div", {}, make("b", {}, value), make("span", {}, title));
    const scope = group ? `（${group.title}，${group.scored} 家）` : "";
    this.figures.replaceChildren(
      figure("机构（家）", chosen.length.toLocaleString("zh-CN")),
      figure("已计分（家）", chosen.filter((row) => row.numbers.total !== null).length.toLocaleString("zh-CN")),
      figure(`平均分${scope}`, group ? group.mean : "—"), figure(`中位数${scope}`, group ? group.median : "—"),
      figure("待认定疑点（条）", sum("open")), figure("高风险发现（项）", sum("high")), figure("检查发现（项）", sum("findings")),
    );
    if (!group) this.figures.append(make("span", { class: "xb-note" }, "组合条件下不另算平均分和中位数。"));
  }

  showTable(chosen) {
    const pages = Math.max(1, Math.ceil(chosen.length / PAGE_ROWS));
    const first = this.page * PAGE_ROWS;
    const head = make("tr", {}, ...this.columns.map((column) => this.heading(column)));
    const body = chosen.slice(first, first + PAGE_ROWS).map((row) => this.line(row));
    this.table.replaceChildren(chosen.length
      ? make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)) : "");
    const turn = (step, label, off) => make("button", {
      type: "button", disabled: off, onclick: () => { this.page += step; this.showTable(chosen); } }, label);
    this.pager.replaceChildren(...(pages > 1 ? [
      turn(-1, "上一页", this.page === 0), `第 ${this.page + 1} / ${pages} 页`, turn(1, "下一页", this.page === pages - 1)] : []));
  }

  heading(column) {
    const { sort } = this.state;
    const current = sort.replace(/^-/, "") === column.key;
    const mark = current ? (sort.startsWith("-") ? " ▼" : " ▲") : "";
    const usual = this.sortOf(column);
    const other = usual.startsWith("-") ? column.key : `-${column.key}`;
    const onclick = () => this.change("sort", sort === usual ? other : usual);
    return make("th", {
      scope: "col", class: column.num ? "xb-num" : undefined,
      "aria-sort": current ? (sort.startsWith("-") ? "descending" : "ascending") : undefined,
    }, make("button", { type: "button", onclick }, column.title + mark));
  }

  line(row) {
    const cells = this.columns.map((column) => {
      const text = column.show ? column.show(row) : (row.shown[column.key] ?? row[column.key] ?? "—");
      const address = column.key === "name" ? addressOf(this.data, row, undefined, this.root) : undefined;
      const classes = [column.num && "xb-num", column.why && "xb-why", column.bad?.(row) && "xb-bad"].filter(Boolean).join(" ");
      return make("td", { class: classes || undefined }, address ? make("a", { href: address }, text) : String(text));
    });
    return make("tr", { "data-unit": row.id }, ...cells);
  }

  dispose() {
    window.removeEventListener("hashchange", this.onhash);
    window.removeEventListener("resize", this.onresize);
    this.watcher.disconnect();
    this.matrix.dispose();
    this.grades.dispose();
    this.root.remove();
  }
}

// Rows travel as arrays in the order of `fields`, each figure as the text that is shown; here they get their names.
function unpack(sent) {
  const grade = new Map(sent.grades.map((entry) => [entry.id, entry]));
  const level = new Map(sent.levels);
  const rows = sent.rows.map((values, place) => {
    const row = Object.fromEntries(sent.fields.map((field, at) => [field, values[at]]));
    const keys = ["total", "coverage", "previous", "open", "high", "findings", ...sent.domains.map((domain) => domain.id)];
    const numbers = { rank: row.rank === null ? null : place }; // ranks are within a level: sorted as sent
    const shown = {};
    for (const key of keys) {
      const text = row[key];
      shown[key] = text ?? "—";
      const number = text === null ? NaN : Number(String(text).replace(/（.*$/, "").replace(" %", "").replaceAll(",", ""));
      numbers[key] = Number.isNaN(number) ? null : number; // “覆盖 45 %” stands where there is no score
    }
    const entry = grade.get(row.grade);
    return {
      id: row.id, name: row.name, level: row.level, region: row.region, grade: row.grade, why: row.why, rank: row.rank,
      comparable: row.comparable,
      place, numbers, shown, levelTitle: level.get(row.level) ?? row.level, gradeLabel: entry?.label ?? row.grade,
      worst: Boolean(entry?.worst), search: `${row.name} ${row.id} ${sent.initials?.[place] ?? ""}`.normalize("NFKC").toLowerCase(),
    };
  });
  return { ...sent, rows };
}

function render({ model, el }) {
  const board = new Board(unpack(model.get("overview")), el);
  return () => board.dispose();
}

export default { render };
