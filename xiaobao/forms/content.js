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
    if (Boolean(no) === Boolean(item.notApplicable) && Boolean(waits) === Boolean(item.waiting)) continue;
    const asked = !no && !waits;
    Object.assign(item, { notApplicable: no, waiting: waits, answerable: asked });
    if (!asked) {
      page.queue.dirty.delete(item.id);
      page.queue.blocked.delete(item.id);
      page.faults.delete(item.id);
    }
    const before = page.cards.get(item.id);
    before.replaceWith(page.card(item, item.number));
    page.mark(item);
  }
}
