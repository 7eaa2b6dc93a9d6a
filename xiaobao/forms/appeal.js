// 申诉 on a sheet: what was objected to, what was decided, and the step that whoever looks may take.

/** The buttons of the appeal, beside those of the sheet. */
function appealButtons(form) {
  const { appeal } = form.state;
  if (!appeal) return [];
  const made = [["file_appeal", "申诉", fileAppeal], ["withdraw_appeal", "撤回申诉", withdrawAppeal], ["decide_appeal", "处理申诉", decideAppeal]];
  return made.filter(([step]) => appeal.steps[step] === "")
    .map(([step, title, act]) => button(title, () => act(form), step === "decide_appeal" ? "primary" : "", { name: step }));
}

/** The appeals of the sheet, and until when there may be one. */
function appealNotice(form) {
  const { appeal } = form.state;
  if (!appeal || (!appeal.lines.length && !appeal.until)) return "";
  const files = appeal.files.map((file) => evidenceChip(form, file));
  const add = appeal.steps.withdraw_appeal === "" ? fileButton("附佐证材料", (file) => attachToAppeal(form, file)) : null;
  return h("div", { class: "xf-banner xf-info", role: "status", "data-name": "appeal" },
    h("div", {}, appeal.lines.map((line) => h("p", {}, line)), appeal.until ? h("p", {}, appeal.until) : null, files, add));
}

/** Objections are written at the items, then sent together. */
async function fileAppeal(form) {
  const objections = Object.fromEntries([...form.remarks].filter(([, text]) => text.trim()));
  const count = Object.keys(objections).length;
  if (!count) {
    await askPerson(form.root, "申诉", ["请先在不服的检查项下点“写申诉理由”，写明理由，再点“申诉”。"]);
    return;
  }
  const reason = await askPerson(form.root, "申诉", [`对 ${count} 个检查项提出申诉。提出以后可以附佐证材料。`], "提出申诉", "补充说明");
  if (reason !== null) await form.ask({ type: "file_appeal", reason, remarks: objections });
}

async function withdrawAppeal(form) {
  const reason = await askPerson(form.root, "撤回申诉", [], "撤回", "原因（必填）");
  if (reason !== null) await form.ask({ type: "withdraw_appeal", reason });
}

async function decideAppeal(form) {
  const { items, verdicts, answers } = form.state.appeal;
  const fields = [{ key: "verdict", title: "处理结果", kind: "select", options: verdicts, required: true }];
  for (const [item, title] of items) {
    fields.push({ key: `conclusion ${item}`, title: `${title}：新结论（不改的留空）`, kind: "select", options: answers });
    fields.push({ key: `deduction ${item}`, title: `${title}：新扣分`, kind: "number" });
  }
  fields.push({ key: "reason", title: "理由（必填）", kind: "area", required: true });
  const lines = ["改疑点认定或撤销一票否决的，用 xiaobao appeals decide。"];
  const told = await askFields(form.root, "处理申诉", fields, "处理", lines);
  if (!told) return;
  const changed = {};
  for (const [item] of items) {
    if (told.values[`conclusion ${item}`]) {
      changed[item] = { conclusion: told.values[`conclusion ${item}`], deduction: told.values[`deduction ${item}`] };
    }
  }
  await form.ask({ type: "decide_appeal", verdict: told.values.verdict, reason: told.values.reason, answers: changed });
}

async function attachToAppeal(form, file) {
  const answer = await sendFile(form, file, form.state.limits, { about: "appeal", item: "" });
  const faults = answer.type === "refused" ? answer.faults : answer.faults || [];
  if (faults.length) await askPerson(form.root, "没有附上", faults);
  else await form.ask({ type: "reopen" });
}
