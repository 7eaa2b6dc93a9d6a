"use strict";
/* The static overview: selects, sorts and counts what was written into the page; means, ranks and quartiles come ready.
   Nothing is asked of anybody: no request, no storage. Text goes in as text, never as markup. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const EMPTY = { period: "", campaign: "", level: "", region: "", domain: "", grade: "", under: "", q: "", sort: "rank" };
  const MANY = 200;
  const BANDS = [[90, "b1", "90 及以上"], [80, "b2", "80–90"], [70, "b3", "70–80"], [60, "b4", "60–70"], [0, "b5", "60 以下"]];
  const NS = "http://www.w3.org/2000/svg";
  const $ = (id) => document.getElementById(id);

  function make(name, attributes = {}, ...children) {
    const svg = ["svg", "g", "rect", "line", "text", "path", "circle", "title", "pattern", "defs"].includes(name);
    const element = svg ? document.createElementNS(NS, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
    return element;
  }

  // ---- what came with the page -------------------------------------------------------------------------------
  const number = (text) => {
    if (!text) return null;
    const value = Number(text.replace(/（.*$/, "").replace(" %", "").replaceAll(",", ""));
    return Number.isNaN(value) ? null : value;
  };
  const levelTitle = new Map(data.levels);
  const who = data.units.map((line) => {
    const [id, name, level, region, parent, initials] = line.split(data.between);
    const search = `${name} ${id} ${initials}`.normalize("NFKC").toLowerCase();
    return { id, name, level, region, parent, search, levelTitle: levelTitle.get(level) ?? level };
  });
  const childrenOf = new Map();
  for (const one of who) if (one.parent) childrenOf.set(one.parent, (childrenOf.get(one.parent) ?? 0) + 1);
  const nameOf = new Map(who.map((one) => [one.id, one.name]));
  const parentOf = new Map(who.map((one) => [one.id, one.parent]));

  function rowsOf(period) {
    if (period.parsed) return period.parsed;
    const labels = new Map(period.grades);
    const worst = period.grades.length ? period.grades[period.grades.length - 1][0] : "";
    const fields = [...data.fields, ...period.domains.map(([id]) => id)];
    period.parsed = period.rows.map((line, place) => {
      const parts = line.split(data.between);
      const row = { who: who[Number(parts[0])], place, shown: {}, numbers: {} };
      fields.forEach((field, at) => { row.shown[field] = parts[at + 1] ?? ""; });
      row.gradeLabel = labels.get(row.shown.grade) ?? row.shown.grade;
      row.worst = row.shown.grade !== "" && row.shown.grade === worst;
      row.scored = number(row.shown.total) !== null;
      return row;
    });
    return period.parsed;
  }
  const value = (row, key) => {
    if (key === "rank") return row.shown.rank === "" ? null : row.place;
    if (["name", "region"].includes(key)) return row.who[key] || null;
    if (!(key in row.numbers)) row.numbers[key] = key === "grade" ? row.gradeLabel || null : number(row.shown[key]);
    return row.numbers[key];
  };

  // ---- the state stands in the address --------------------------------------------------------------------------
  let state = read();
  function read() {
    const found = { ...EMPTY };
    for (const given of [new URLSearchParams(location.search), new URLSearchParams(location.hash.replace(/^#/, ""))])
      for (const key of Object.keys(EMPTY)) if (given.has(key)) found[key] = given.get(key).slice(0, 80);
    return found;
  }
  function remember(push) {
    const kept = new URLSearchParams();
    for (const key of Object.keys(EMPTY)) if (state[key] !== EMPTY[key]) kept.set(key, state[key]);
    const address = kept.toString() ? `#${kept}` : location.pathname.split("/").pop() || "overview.html";
    try { history[push ? "pushState" : "replaceState"](null, "", address); } catch { location.hash = kept.toString(); }
  }
  function change(changes, push = false) {
    state = { ...state, ...changes };
    remember(push);
    draw();
  }
  const current = () => data.periods.find((one) => one.period === state.period && (!state.campaign || one.campaign === state.campaign))
    ?? data.periods[0];

  function isUnder(id, top) {
    for (let at = id, steps = 0; at && steps < 20; at = parentOf.get(at), steps += 1) if (at === top) return true;
    return false;
  }
  function selected(period) {
    const wanted = state.q.trim().normalize("NFKC").toLowerCase();
    return rowsOf(period).filter((row) =>
      (!state.level || row.who.level === state.level) && (!state.region || row.who.region === state.region) &&
      (!state.grade || row.shown.grade === state.grade || (state.grade === "none" && row.shown.grade === "")) &&
      (!state.under || isUnder(row.who.id, state.under)) && (!wanted || row.who.search.includes(wanted)));
  }
  function sorted(rows) {
    const down = state.sort.startsWith("-");
    const key = down ? state.sort.slice(1) : state.sort;
    return [...rows].sort((a, b) => {
      const [x, y] = [value(a, key), value(b, key)];
      if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
      const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "zh-CN", { numeric: true });
      return (down ? -order : order) || a.place - b.place;
    });
  }
  function groupOf(period) {
    if (state.q.trim() || state.grade || state.under) return undefined;
    const parts = [state.level && `level:${state.level}`, state.region && `region:${state.region}`].filter(Boolean);
    const key = parts.join("|") || "all";
    const found = period.groups.find((one) => one[0] === key);
    return found && { units: found[1], scored: found[2], mean: found[3], five: found.slice(4) };
  }

  // ---- the bar of filters ---------------------------------------------------------------------------------------
  const controls = {};
  function choice(title, key, options) {
    const select = make("select", { name: key, onchange: (event) => change({ [key]: event.target.value }) });
    for (const [id, label] of options) select.append(make("option", { value: id }, label));
    controls[key] = select;
    return make("label", {}, title, select);
  }
  function toolbar() {
    const bar = $("bar");
    const periods = [...new Set(data.periods.map((one) => one.period))];
    const names = [...new Set(data.periods.map((one) => one.campaign))];
    const several = new Set(data.periods.map((one) => one.period)).size < data.periods.length;
    bar.append(choice("期间", "period", periods.map((one) => [one, one])));
    if (several) bar.append(choice("批次", "campaign", [["", "该期间最新"], ...names.map((one) => [one, one])]));
    bar.append(choice("层级", "level", [["", "全部"], ...data.levels]));
    bar.append(choice("区域", "region", [["", "全部"], ...data.regions.map((one) => [one, one])]));
    bar.append(choice("检查域", "domain", [["", "全部"], ...data.periods[0].domains]));
    bar.append(choice("等级", "grade", [["", "全部"], ...data.periods[0].grades, ["none", "没有等级"]]));
    controls.q = make("input", { type: "search", name: "q", placeholder: "名称、编号、拼音首字母", maxlength: 60,
      oninput: (event) => { if (!event.isComposing) change({ q: event.target.value }); },
      oncompositionend: (event) => change({ q: event.target.value }) });
    bar.append(make("label", {}, "查找", controls.q));
    bar.append(choice("排序", "sort", [["rank", "层级和名次"], ["-total", "总分（高到低）"], ["total", "总分（低到高）"],
      ["-change", "上升最多"], ["change", "下降最多"], ["-open", "待认定疑点"], ["-overdue", "逾期整改"], ["-high", "高风险发现"], ["-repeats", "屡查屡犯"],
      ["coverage", "覆盖最低"]]));
    controls.clear = make("button", { type: "button", onclick: () => change({ ...EMPTY }) }, "清除");
    bar.append(controls.clear, make("button", { type: "button", onclick: () => print() }, "打印"));
  }

  // ---- charts: plain SVG, figures printed, patterns beside colours ----------------------------------------------------
  function figure(id, title, note, svg, head, lines) {
    const table = make("details", { class: "asTable" }, make("summary", {}, "看数字表"), tableOf(head, lines));
    const save = make("button", { type: "button", class: "small", onclick: () => savePng(svg, title) }, "存为 PNG");
    $(id).replaceChildren(make("h3", {}, title), note ? make("p", { class: "note" }, note) : "", svg, make("div", { class: "tools" }, save), table);
  }
  const tableOf = (head, lines) => make("table", { class: "plain" },
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...lines.map((line) => make("tr", {}, ...line.map((text) => make("td", {}, String(text)))))));
  function svgOf(width, height, label, ...children) {
    const role = children.some((one) => one.getAttribute("role") === "button") ? "group" : "img";
    return make("svg", { viewBox: `0 0 ${width} ${height}`, role, "aria-label": label, class: "chart", "data-w": width, "data-h": height }, ...children);
  }
  const text = (x, y, words, more = {}) => make("text", { x, y, "font-size": 13, fill: "#1f2937", ...more }, words);

  function drawGrades(period, rows) {
    const counts = new Map(period.grades.map(([id]) => [id, 0]));
    let none = 0;
    for (const row of rows) if (counts.has(row.shown.grade)) counts.set(row.shown.grade, counts.get(row.shown.grade) + 1); else none += 1;
    const lines = [...period.grades.map(([id, label]) => [label, counts.get(id), id]), ["没有等级", none, "none"]];
    const most = Math.max(1, ...lines.map((line) => line[1]));
    const top = lines.slice(0, -1).reduce((best, line) => (line[1] > best[1] ? line : best), ["", 0]);
    const title = top[1] ? `等级分布：${top[0]}最多，${top[1]} 家；没有等级 ${none} 家` : `等级分布：${none} 家都没有等级`;
    const bars = lines.flatMap(([label, count, id], at) => {
      const y = 8 + at * 30;
      const open = () => change({ grade: id });
      return [text(0, y + 15, label),
        make("rect", { x: 76, y, width: Math.max(1, (count / most) * 250), height: 20, class: id === "none" ? "barNone" : "bar", tabindex: 0, role: "button",
          "aria-label": `${label} ${count} 家，点开只看这些`, onclick: open, onkeydown: (event) => { if (event.key === "Enter") open(); } },
        make("title", {}, `${label} ${count} 家`)),
        text(82 + (count / most) * 250, y + 15, `${count} 家`)];
    });
    figure("grades", title, `共 ${rows.length} 家机构；点条只看该等级。`, svgOf(390, lines.length * 30 + 10, title, ...bars), ["等级", "家数"], lines.map((line) => line.slice(0, 2)));
  }

  function drawScores(rows) {
    const scores = rows.map((row) => number(row.shown.total)).filter((one) => one !== null);
    const edges = [[0, 60, "60 以下"], [60, 70, "60–70"], [70, 80, "70–80"], [80, 85, "80–85"], [85, 90, "85–90"], [90, 95, "90–95"], [95, 101, "95 及以上"]];
    const lines = edges.map(([low, high, label]) => [label, scores.filter((one) => one >= low && one < high).length]);
    const most = Math.max(1, ...lines.map((line) => line[1]));
    const peak = lines.reduce((best, line) => (line[1] > best[1] ? line : best), ["", 0]);
    const title = scores.length ? `得分分布：${peak[0]}的最多，${peak[1]} 家` : "得分分布：没有一家有得分";
    const bars = lines.flatMap(([label, count], at) => {
      const height = (count / most) * 120;
      return [make("rect", { x: 8 + at * 55, y: 140 - height, width: 44, height: Math.max(1, height), class: "bar" }, make("title", {}, `${label}：${count} 家`)),
        text(30 + at * 55, 134 - height, String(count), { "text-anchor": "middle" }), text(30 + at * 55, 158, label, { "text-anchor": "middle", "font-size": 11 })];
    });
    figure("scores", title, `有得分的 ${scores.length} 家机构的总分（满分 100）。`, svgOf(400, 166, title, ...bars), ["分数段", "家数"], lines);
  }

  function drawSpread(period) {
    const region = state.region ? `|region:${state.region}` : "";
    const wanted = state.level ? data.levels.filter(([id]) => id === state.level) : data.levels;
    const groups = wanted.map(([id, label]) => [label, period.groups.find((one) => one[0] === `level:${id}${region}`)]).filter(([, one]) => one && one[2]);
    const lines = groups.map(([label, one]) => [`${label}（${one[2]} 家）`, ...one.slice(4), one[3]]);
    const floor = Math.max(0, Math.floor(Math.min(100, ...groups.map(([, one]) => Number(one[4]))) / 10) * 10 - 5);
    const x = (score) => 104 + ((Number(score) - floor) / (100 - floor)) * 240;
    const lowest = groups.reduce((worst, [label, one]) => (!worst || Number(one[6]) < Number(worst[1]) ? [label, one[6]] : worst), null);
    const title = lowest ? `四分位：${lowest[0]}的中位数最低，${lowest[1]}` : "四分位：没有得分";
    const drawn = groups.flatMap(([label, one], at) => {
      const y = 30 + at * 44;
      const [least, q1, middle, q3, most] = one.slice(4);
      return [text(0, y + 5, `${label} ${one[2]} 家`), make("line", { x1: x(least), x2: x(most), y1: y, y2: y, class: "whisker" }),
        make("rect", { x: x(q1), y: y - 9, width: Math.max(1, x(q3) - x(q1)), height: 18, class: "box" }, make("title", {}, `${label}：最低 ${least}，下四分位 ${q1}，中位数 ${middle}，上四分位 ${q3}，最高 ${most}`)),
        make("line", { x1: x(middle), x2: x(middle), y1: y - 13, y2: y + 13, class: "middle" }),
        text(x(middle), y + 26, `${middle}`, { "text-anchor": "middle", "font-size": 11 })];
    });
    const axis = [floor, 100].map((score) => text(x(score), 11, String(score), { "text-anchor": "middle", "font-size": 11 }));
    figure("spread", title, "盒为上、下四分位，粗线为中位数，细线到最高和最低；按层级事先算好。", svgOf(400, 30 + groups.length * 44, title, ...axis, ...drawn),
      ["层级", "最低", "下四分位", "中位数", "上四分位", "最高", "平均分"], lines);
  }

  function drawTrend() {
    const ordered = [...data.periods].reverse();
    const lines = ordered.map((period) => [period.name, groupOf(period)]).map(([name, one]) => [name, one?.mean ?? "—", one ? `${one.scored} / ${one.units}` : "—"]);
    const known = lines.map((line, at) => [at, number(line[1] === "—" ? "" : line[1])]).filter(([, one]) => one !== null);
    const low = Math.floor(Math.min(100, ...known.map(([, one]) => one)) - 2);
    const high = Math.min(100, Math.ceil(Math.max(low + 1, ...known.map(([, one]) => one)) + 1));
    const x = (at) => 40 + at * (ordered.length > 1 ? 310 / (ordered.length - 1) : 0);
    const y = (score) => 120 - ((score - low) / (high - low)) * 95;
    const [first, last] = [known[0], known[known.length - 1]];
    const isLast = (at) => at > 0 && at === lines.length - 1; // its name may be long: it ends where the drawing does
    const title = known.length > 1 ? `走势：平均分从 ${first[1].toFixed(2)} 到 ${last[1].toFixed(2)}` : "走势：不足两期，尚无走势";
    const path = known.map(([at, one], place) => `${place ? "L" : "M"}${x(at)} ${y(one)}`).join("");
    const drawn = [make("path", { d: path || "M0 0", class: "trend" }), ...known.flatMap(([at, one]) => [make("circle", { cx: x(at), cy: y(one), r: 4, class: "dot" }, make("title", {}, `${lines[at][0]} ${lines[at][1]}`)),
      text(x(at), y(one) - 10, lines[at][1], { "text-anchor": "middle" })]), ...lines.map((line, at) => text(isLast(at) ? 388 : x(at), 150, line[0], { "text-anchor": isLast(at) ? "end" : "middle", "font-size": 11 }))];
    figure("trend", title, groupOf(data.periods[0]) ? "同一范围各期有得分机构的平均分，不是全行自评分。" : "组合条件下不另算平均分。", svgOf(390, 160, title, ...drawn), ["期间", "平均分", "有得分 / 机构"], lines);
  }

  async function savePng(svg, title) {
    const copy = svg.cloneNode(true);
    const [width, height] = [Number(svg.dataset.w), Number(svg.dataset.h)];
    copy.setAttribute("width", width * 2);
    copy.setAttribute("height", height * 2);
    copy.prepend(make("rect", { x: 0, y: 0, width, height, fill: "#fff" }));
    const parts = copy.querySelectorAll("[class]");
    const drawn = svg.querySelectorAll("[class]");
    parts.forEach((part, at) => { const style = getComputedStyle(drawn[at]); part.setAttribute("style", `fill:${style.fill};stroke:${style.stroke};stroke-width:${style.strokeWidth}`); });
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = make("canvas", { width: width * 2, height: height * 2 });
    canvas.getContext("2d").drawImage(image, 0, 0);
    make("a", { href: canvas.toDataURL("image/png"), download: `${title.replace(/[\\/:*?"<>|]/g, "")}.png` }).click();
  }

  // ---- ranking and heat map: one table, sections by level, or by region where there are many ----------------------------
  function columns(period) {
    const domains = state.domain ? period.domains.filter(([id]) => id === state.domain) : period.domains;
    return [
      { key: "rank", title: "名次", num: true }, { key: "name", title: "机构" }, { key: "total", title: "总分", num: true, down: true },
      { key: "coverage", title: "覆盖", num: true }, { key: "grade", title: "等级" }, { key: "change", title: "较上期", num: true, down: true },
      ...domains.map(([id, title]) => ({ key: id, title, num: true, down: true, heat: true })),
      { key: "open", title: "待认定疑点", num: true, down: true, bad: true }, { key: "overdue", title: "逾期整改", num: true, down: true, bad: true },
      { key: "high", title: "高风险发现", num: true, down: true, bad: true }, { key: "findings", title: "发现", num: true, down: true },
      { key: "repeats", title: "屡查屡犯", num: true, down: true, bad: true }, { key: "why", title: "说明" },
    ];
  }
  const pageOf = (period, row) => `${data.up}${period.folder}/${row.who.id}/scorecard.html`;
  const band = (score) => (score === null ? "b0" : BANDS.find(([least]) => score >= least)[1]);
  const MAIN = ["rank", "name", "total", "coverage", "grade", "change", "overdue"];
  /** On a narrow screen a unit shows its main figures; the rest comes on asking. */
  function unfoldUnit(event) {
    const open = event.target.closest("tr").classList.toggle("open");
    event.target.setAttribute("aria-expanded", String(open));
  }
  /** A cell as wide as a score takes “覆盖 42.8 %” in two lines: the number keeps its sign. */
  function unbroken(shown) {
    const [word, ...rest] = (shown || "—").split(" ");
    return rest.length ? [`${word} `, make("span", { class: "whole" }, rest.join(" "))] : [word];
  }
  function cell(period, row, column) {
    const attributes = { "data-label": column.title, class: [column.num && "num", column.key === "why" && "why", MAIN.includes(column.key) || "more"].filter(Boolean).join(" ") || undefined };
    const shown = row.shown[column.key];
    if (column.key === "name") {
      const below = childrenOf.get(row.who.id);
      return make("th", { scope: "row", class: "who" }, make("a", { href: pageOf(period, row) }, row.who.name), make("small", {}, row.who.id),
        below && row.who.id !== state.under ? make("button", { type: "button", class: "small", onclick: () => change({ under: row.who.id, level: "", region: "" }, true) }, `下级 ${below}`) : "",
        make("button", { type: "button", class: "small unfold", "aria-expanded": "false", onclick: unfoldUnit }, "各检查域和说明"));
    }
    if (column.key === "total" && !row.scored) return make("td", { ...attributes, class: "num held" }, ...unbroken(shown));
    if (column.key === "grade") return make("td", { ...attributes, class: row.worst ? "bad" : undefined }, row.gradeLabel || "—");
    if (column.heat) {
      const score = value(row, column.key);
      return make("td", { ...attributes, class: `num more heat ${band(score)}${score === null ? " held" : ""}${shown && shown !== "—" ? "" : " none"}` },
        make("a", { href: `${pageOf(period, row)}#d-${column.key}`, "data-tip": `${row.who.name}（${row.who.id}）\n${column.title} ${shown || "—"}\n总分 ${row.shown.total} · 覆盖 ${row.shown.coverage}` }, ...unbroken(shown)));
    }
    const bad = column.bad && value(row, column.key) > 0;
    const behind = column.key === "why" && row.shown.behind ? `未更新：此后有 ${row.shown.behind} 项认定、复核等，得分尚未重新计算；` : "";
    const words = column.key === "why" ? [behind + (shown === "—" ? "" : shown), row.shown.causes].filter(Boolean).join("；") || "—" : shown || "—";
    return make("td", bad ? { ...attributes, class: `${attributes.class} bad` } : attributes, words);
  }
  function tableFor(period, parts, kept) {
    const heads = kept.map((column) => {
      const on = state.sort.replace(/^-/, "") === column.key;
      const usual = column.down ? `-${column.key}` : column.key;
      const other = column.down ? column.key : `-${column.key}`;
      const sort = column.key === "why" ? column.title : make("button", { type: "button", onclick: () => change({ sort: state.sort === usual ? other : usual }) }, column.title + (on ? (state.sort.startsWith("-") ? " ▼" : " ▲") : ""));
      return make("th", { scope: "col", "data-title": column.key === "why" ? undefined : column.title, class: column.heat && period.domains.length > 7 && !state.domain ? "dom tall" : column.heat ? "dom" : column.bad || column.key === "findings" ? "tall" : undefined, "aria-sort": on ? (state.sort.startsWith("-") ? "descending" : "ascending") : undefined }, sort);
    });
    const bodies = parts.map(([title, rows]) => make("tbody", {},
      title ? make("tr", { class: "part" }, make("th", { colspan: kept.length, scope: "rowgroup" }, title)) : "",
      ...rows.map((row) => make("tr", { "data-unit": row.who.id }, ...kept.map((column) => cell(period, row, column))))));
    return make("table", { class: "main" }, make("thead", {}, make("tr", {}, ...heads)), ...bodies);
  }
  function sections(rows) {
    const byRank = state.sort === "rank";
    if (rows.length > MANY) return { by: "region", groups: grouped(rows, (row) => row.who.region || "没有区域") };
    if (byRank) return { by: "level", groups: grouped(rows, (row) => row.who.levelTitle) };
    return { by: "", groups: [["", rows]] };
  }
  function grouped(rows, key) {
    const found = new Map();
    for (const row of rows) { const at = key(row); if (!found.has(at)) found.set(at, []); found.get(at).push(row); }
    return [...found];
  }
  let everything = false;
  function drawTable(period, chosen) {
    const kept = columns(period);
    const { by, groups } = sections(chosen);
    const box = $("ranking");
    const counted = (title, rows) => `${title}：${rows.length} 家，有得分 ${rows.filter((row) => row.scored).length} 家`;
    const scroll = (label, parts) => make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, tableFor(period, parts, kept));
    if (by !== "region") box.replaceChildren(chosen.length ? scroll("机构一览", groups.map(([title, rows]) => [title && counted(title, rows), rows])) : "");
    else box.replaceChildren(...groups.map(([title, rows]) => {
      const region = !state.q && !state.grade && !state.under && !state.level ? period.groups.find((one) => one[0] === `region:${title}`) : undefined;
      const head = counted(title, rows) + (region ? `，平均分 ${region[3]}` : "");
      const fold = make("details", { class: "fold" }, make("summary", {}, head));
      const fill = () => { if (fold.childElementCount === 1) fold.append(scroll(title, grouped(rows, (row) => row.who.levelTitle).map(([level, own]) => [state.sort === "rank" ? counted(level, own) : "", own]))); };
      fold.addEventListener("toggle", () => { if (fold.open) fill(); });
      if (everything) { fill(); fold.open = true; }
      return fold;
    }));
    if (!chosen.length) box.append(make("p", { class: "empty" }, rowsOf(period).length ? "没有符合条件的机构。请放宽条件，或点“清除”。" : "本期还没有机构的结果：批次还没有运行，或本批次不检查本页的机构。"));
  }
  function copyTable(button) {
    const period = current();
    const kept = columns(period);
    const lines = [["层级", "区域", "机构号", ...kept.map((column) => column.title)]];
    for (const row of sorted(selected(period)))
      lines.push([row.who.levelTitle, row.who.region, row.who.id, ...kept.map((column) => (column.key === "name" ? row.who.name : column.key === "grade" ? row.gradeLabel : row.shown[column.key]) || "—")]);
    const area = make("textarea", { class: "away", "aria-label": "复制" });
    area.value = lines.map((line) => line.join("\t")).join("\n");
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.textContent = done ? `已复制 ${lines.length - 1} 行` : "浏览器不允许复制";
    setTimeout(() => { button.textContent = "复制表格"; }, 2500);
  }

  function drawLists(period, chosen) {
    const listed = (id, title, rows, words, none) => {
      const lines = rows.slice(0, everything ? rows.length : 20).map((row) => make("li", {}, make("a", { href: pageOf(period, row) }, row.who.name), `（${row.who.id}）${words(row)}`));
      $(id).replaceChildren(make("h3", {}, `${title}（${rows.length} 家）`), rows.length ? make("ul", {}, ...lines) : make("p", { class: "note" }, none),
        rows.length > lines.length ? make("p", { class: "note" }, `列出前 ${lines.length} 家，其余用排序和筛选查看。`) : "");
    };
    const most = (key) => chosen.filter((row) => value(row, key) > 0).sort((a, b) => value(b, key) - value(a, key) || a.place - b.place);
    listed("unscored", "未检查和覆盖不足", chosen.filter((row) => !row.scored), (row) => (row.shown.why === "—" ? row.shown.total : row.shown.why.includes(row.shown.total) ? row.shown.why : `${row.shown.total}；${row.shown.why}`), "没有。");
    listed("failed", "底稿运行失败或未更新", chosen.filter((row) => row.shown.why.includes("失败") || row.shown.behind || row.shown.why.includes("最新得分表")),
      (row) => [row.shown.why === "—" ? "" : row.shown.why, row.shown.behind ? `此后有 ${row.shown.behind} 项认定、复核等尚未计算` : ""].filter(Boolean).join("；"), "没有。");
    listed("overdue", "逾期整改", most("overdue"), (row) => `${row.shown.overdue} 项`, "没有逾期的整改措施。");
    listed("repeats", "屡查屡犯", most("repeats"), (row) => `${row.shown.repeats} 项`, "没有标为屡查屡犯的发现。");
    const common = period === data.periods[0] ? data.common : [];
    $("common").replaceChildren(make("h3", {}, "共性问题（热点）"), common.length ? tableOf(["检查域", "问题", "机构（家）"], common)
      : make("p", { class: "note" }, "没有两家以上机构共有的发现。"));
  }

  function draw() {
    const period = current();
    const chosen = sorted(selected(period));
    for (const [key, control] of Object.entries(controls)) if (key !== "clear" && document.activeElement !== control) control.value = key === "period" ? period.period : state[key];
    const group = groupOf(period);
    const scored = chosen.filter((row) => row.scored).length;
    const total = (key) => chosen.reduce((sum, row) => sum + (number(row.shown[key]) ?? 0), 0).toLocaleString("zh-CN");
    const tile = (title, shown) => make("div", {}, make("b", {}, shown), make("span", {}, title));
    $("tiles").replaceChildren(tile("有得分 / 机构（家）", `${scored} / ${chosen.length}`), tile(group ? `机构平均分（${group.scored} 家）` : "机构平均分", group ? group.mean : "—"),
      tile("中位数", group?.five[2] ?? "—"), tile("下四分位–上四分位", group?.five.length ? `${group.five[1]}–${group.five[3]}` : "—"),
      tile("待认定疑点（条）", total("open")), tile("逾期整改（项，含以前期间）", total("overdue")), tile("高风险发现（项）", total("high")), tile("屡查屡犯（项）", total("repeats")));
    const moved = chosen.filter((row) => value(row, "change") !== null && row.scored);
    const best = moved.reduce((most, row) => (!most || value(row, "change") > value(most, "change") ? row : most), null);
    const worst = moved.reduce((most, row) => (!most || value(row, "change") < value(most, "change") ? row : most), null);
    const why = (row) => `${row.who.name} ${row.shown.change}${row.shown.causes.includes("：") ? `（${row.shown.causes.split("：").slice(1).join("：")}）` : ""}`;
    $("finding").textContent = [best && value(best, "change") > 0 ? `上升最多：${why(best)}。` : "", worst && value(worst, "change") < 0 ? `下降最多：${why(worst)}。` : ""].join("");
    $("state").textContent = `${period.name} · 截至 ${period.made}（北京时间） · ${period.state}`;
    $("count").textContent = `显示 ${chosen.length} / ${rowsOf(period).length} 家${group ? "" : "；组合条件下不另算平均分和中位数"}`;
    const crumbs = [];
    for (let at = state.under; at; at = parentOf.get(at)) crumbs.unshift(at);
    $("crumbs").replaceChildren(...(crumbs.length ? [make("button", { type: "button", class: "small", onclick: () => change({ under: "" }, true) }, "全部机构"),
      ...crumbs.map((id) => make("button", { type: "button", class: "small", onclick: () => change({ under: id }, true) }, `› ${nameOf.get(id) ?? id}`))] : []));
    drawTable(period, chosen);
    drawGrades(period, chosen);
    drawScores(chosen);
    drawSpread(period);
    drawTrend();
    drawLists(period, chosen);
    document.body.dataset.ready = String(Number(document.body.dataset.ready ?? 0) + 1);
  }

  // ---- a cell's own tooltip, for mouse and keyboard -----------------------------------------------------------------
  const tip = $("tip");
  const show = (event) => {
    const at = event.target.closest?.("[data-tip]");
    tip.hidden = !at;
    if (!at) return;
    tip.textContent = at.dataset.tip;
    const box = at.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - 290))}px`;
    tip.style.top = `${box.bottom + 6 + tip.offsetHeight > innerHeight ? box.top - tip.offsetHeight - 6 : box.bottom + 6}px`;
  };
  for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, show);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
  document.addEventListener("scroll", () => { tip.hidden = true; }, true);

  $("legend").append(...BANDS.map(([, name, label]) => make("span", {}, make("i", { class: name }), label)), make("span", {}, "“覆盖 n %”：评分覆盖不足，没有得分、等级和名次"));
  $("copy").addEventListener("click", (event) => copyTable(event.target));
  $("notes").append(...data.notes.map((note) => make("li", {}, note)));
  addEventListener("hashchange", () => { state = read(); draw(); });
  addEventListener("popstate", () => { state = read(); draw(); });
  const unfold = () => { everything = true; draw(); for (const one of document.querySelectorAll("details")) one.open = true; };
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", () => { everything = false; draw(); });
  toolbar();
  draw();
})();
