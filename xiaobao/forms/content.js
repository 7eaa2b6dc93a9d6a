// What the form holds at an item: whether it is asked at all, and what its answer makes compulsory.

/** What the present answer of an item makes compulsory: `note`, `evidence`. */
function needsOf(item) {
  const said = item.response.conclusion;
  const rules = (item.requires || []).filter((one) => one.conclusions.includes(said));
  const needs = new Set([].concat(...rules.map((one) => one.needs)));
  if (item.evidenceRequired && said && said !== "not_applicable") needs.add("evidence");
  return needs;
}

function noteLabel(item) {
  return needsOf(item).has("note") ? "检查情况说明（必填）" : "检查情况说明";
}

/** The box of a compulsory note that is still empty, or nothing. */
function noteNeeded(card, item) {
  return needsOf(item).has("note") && !item.response.note ? card.querySelector("[data-name=note]") : null;
}

/** Why an item is not asked as the answers on the page say now, as [does not apply, waits]; Python says the same. */
function unaskedWhy(page, item) {
  if (item.ruledOut) return [item.ruledOut, ""];
  let waits = "";
  for (const condition of item.relevant || []) {
    const other = page.items.get(condition.item);
    const [no, later] = unaskedWhy(page, other);
    if (no) return [`“${other.title}”不适用，本项随之不适用`, ""];
    const { conclusion, option } = other.response;
    if (later) waits = waits || `待“${other.title}”确定是否适用后再定`;
    else if (!conclusion) waits = waits || `待“${other.title}”作答：${condition.text}时才检查`;
    else if (!condition.conclusions.includes(conclusion) && !condition.options.includes(option)) {
      return [`${condition.text}时才检查，本项不适用`, ""];
    }
  }
  return ["", waits];
}

/** Draw anew the items that an answer has just made asked, or not asked any more. */
function askAnew(page) {
  for (const item of page.items.values()) {
    if (!item.relevant || !item.relevant.length) continue;
    const [no, waits] = unaskedWhy(page, item);
    const asked = !no && !waits;
    if (!asked) {
      page.queue.dirty.delete(item.id);
      page.queue.blocked.delete(item.id);
      page.faults.delete(item.id);
    }
    if (Boolean(no) === Boolean(item.notApplicable) && Boolean(waits) === Boolean(item.waiting)) continue;
    Object.assign(item, { notApplicable: no, waiting: waits, answerable: asked });
    const before = page.cards.get(item.id);
    before.replaceWith(page.card(item, item.number));
    page.mark(item);
  }
}

// --- beside the item: last period, open findings, leads -------------------------------------------------------------

function besideItem(page, item) {
  const { last, findings } = item.beside || {};
  if (!last && !(findings || []).length) return null;
  const rows = (findings || []).map((one) => h("li", {}, one));
  return h("details", { class: "xf-beside", open: Boolean(page.carrying && last && item.answerable && !item.response.conclusion) },
    h("summary", {}, [last ? `上期（${last.period}）${last.said}` : "", rows.length ? `未销号问题 ${rows.length} 条` : ""].filter(Boolean).join("　")),
    last ? h("p", {}, h("b", {}, `上期（${last.period}，${last.version} 版）　`), last.answer, h("small", {}, `　${last.by}`)) : null,
    last && last.changed ? h("p", { class: "xf-hint" }, `${last.changed}，不能沿用，请重新作答。`) : null,
    rows.length ? h("ul", {}, rows) : null,
    last && !last.changed && item.answerable && page.state.head.open && !item.response.conclusion
      ? button("情况没有变化，沿用上期答复", () => confirmLast(page, item), "small", { name: "confirm_last" }) : null);
}

async function confirmLast(page, item) {
  await page.queue.flush();
  await page.ask({ type: "confirm_last", item: item.id });
  page.go(page.items.get(item.id));
}

// --- data items: records and chart -----------------------------------------------------------------

function dataRecords(page, item) {
  const data = item.data;
  if (!data) return null;
  const most = Math.max(1, ...data.months.map(([, n]) => n));
  const bars = data.months.map(([month, n]) => h("span", { class: "xf-month" },
    h("b", {}, n || ""), h("i", { style: `height:${Math.round((36 * n) / most)}px` }), h("small", {}, month)));
  return h("details", { class: "xf-records" },
    h("summary", {}, `疑点记录 ${data.total} 条`, data.waiting ? `　待认定 ${data.waiting} 条` : ""),
    h("div", { class: "xf-months", role: "img", "aria-label": data.chart }, bars),
    h("ol", {}, data.rows.map((row) => h("li", {}, h("span", { class: "xf-chip" }, row.state), `　${row.day}　${row.text}`))),
    data.total > data.rows.length ? h("p", { class: "xf-muted" }, `只列前 ${data.rows.length} 条，其余见疑点页。`) : null);
}

// --- what an answer costs, standard wording --------------------------------------------------------------------------

function showCost(page, item, cost) {
  if (!item) return;
  item.cost = cost;
  const box = page.cards.get(item.id).querySelector(".xf-cost");
  if (box) box.textContent = cost;
}

const SOURCES = { mine: "我的", bank: "本行", shipped: "通用" };

/** Standard wording for a failed item: one click puts it into the reason; what one wrote can be kept as one's own. */
function standardWording(page, item) {
  const list = h("ul", { class: "xf-wordings" });
  const insert = (text) => {
    const reason = item.response.reason;
    page.change(item, { reason: reason ? `${reason.replace(/[；。]?$/, "；")}${text}` : text });
    page.drawReply(item);
    page.cards.get(item.id).querySelector("[data-name=reason]").focus();
  };
  const drop = async (one) => {
    show(await page.line.ask({ type: "drop_wording", item: item.id, number: one.number }));
  };
  const show = (answer) => {
    if (answer.type !== "wordings") {
      page.say("bad", (answer.faults || []).join("；"));
      return;
    }
    list.replaceChildren(...answer.wordings.map((one) => h("li", {}, h("span", { class: "xf-chip" }, SOURCES[one.source]),
      h("button", { type: "button", class: "xf-link", onclick: () => insert(one.text) }, one.text),
      one.source === "mine" ? button("删除", () => drop(one), "small") : null)),
    answer.wordings.length ? "" : h("li", { class: "xf-muted" }, "没有适合本项的常用表述。"));
  };
  const keep = async () => {
    const text = item.response.reason.trim();
    if (text) show(await page.line.ask({ type: "keep_wording", item: item.id, text }));
    else page.say("warn", "请先在扣分理由里写好，再存为我的常用表述。");
  };
  return h("details", { class: "xf-standard", ontoggle: async (event) => {
    if (event.target.open) show(await page.line.ask({ type: "wordings", item: item.id }));
  } }, h("summary", {}, "常用表述"), list, button("把理由存为我的常用表述", keep, "small", { name: "keep_wording" }));
}

// --- divided work -----------------------------------------------------------------------------------------------------

function mineButton(page) {
  if (!page.state.work || !page.state.work.mine.length) return null;
  const only = button("只看我的", () => {
    page.onlyMine = !page.onlyMine;
    only.setAttribute("aria-pressed", String(page.onlyMine));
    for (const item of page.items.values()) {
      page.cards.get(item.id).hidden = page.onlyMine && !page.state.work.mine.includes(item.id);
    }
  }, "", { "aria-pressed": "false", name: "mine" });
  return only;
}

/** Give sections or items to people: who may, chooses a person and what; an empty choice takes it back. */
function shareButton(page) {
  const { work } = page.state;
  const whole = button("带入上期答复", () => {
    page.carrying = true;
    for (const item of page.items.values()) page.drawReply(item);
  }, "", { name: "carry_over" });
  const last = page.state.head.open && [...page.items.values()].some((one) => one.beside && one.beside.last
    && !one.beside.last.changed && one.answerable && !one.response.conclusion);
  return [last ? whole : null, work && work.may ? button("分工", () => share(page), "", { name: "share" }) : null];
}

function share(page) {
  const { work, sections } = page.state;
  const done = () => dialog.remove();
  const pick = (node, title) => {
    const box = selectBox(title, [["", "不分配"], ...work.people], work.given[node] || "", async (login) => {
      const answer = await page.line.ask({ type: "assign", node, login });
      if (answer.type === "refused") page.say("bad", answer.faults.join("；"));
      else work.given[node] = login;
    });
    return h("li", {}, box);
  };
  const close = async () => {
    done();
    await page.choose({});
  };
  const dialog = h("dialog", { class: "xf-dialog xf-share", oncancel: close }, h("h3", {}, "分工"),
    h("p", { class: "xf-muted" }, "按评价要素或单项分给人；单项的分工优先。没有分配的，人人可填。"),
    sections.map((section) => h("details", {}, h("summary", {}, section.title),
      h("ul", {}, pick(section.id, `整个要素：${section.title}`), section.items.map((item) => pick(item.id, item.title))))),
    h("div", { class: "xf-dialog-buttons" }, button("完成", close, "primary")));
  page.root.append(dialog);
  dialog.showModal();
}

/** One line: who has how much of the sheet, and where each saved last; it goes on while others work. */
function whoIsWhere(page) {
  const { work } = page.state;
  page.whereLine = h("p", { class: "xf-muted xf-work", "data-name": "work" });
  tellWhere(page, work ? work.told : []);
  return page.whereLine;
}

function tellWhere(page, told) {
  page.whereLine.hidden = !told.length;
  page.whereLine.textContent = told.length ? `分工　${told.join("；　")}` : "";
}
