// 复评 of one item: the reviewer's answer beside the unit's. A difference needs a reason; nothing is saved by itself.

class ReviewBox {
  constructor(page, item) {
    this.page = page;
    this.item = item;
    this.box = h("div", { class: "xf-review" });
    this.show();
    return this.box;
  }

  /** Both answers side by side, with what each of them earns. */
  show() {
    const { review, own } = this.item;
    const { machine } = this.item;
    const parts = [h("h4", {}, machine ? "数据结论与人工认定" : "自评与复评")];
    const row = (who, answer, points, by) => h("tr", {}, h("th", { scope: "row" }, who), h("td", {}, answer),
      h("td", { class: "xf-num" }, points), h("td", {}, by || ""));
    const rows = [row(machine ? "数据检查" : "自评", own.text, own.points, own.by)];
    if (review) rows.push(row(machine ? "人工认定" : "复评", review.text, review.points, review.by));
    parts.push(h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, ""), h("th", {}, "答复"), h("th", {}, "得分"),
      h("th", {}, "何人何时"))), h("tbody", {}, rows)));
    if (review) parts.push(h("p", {}, machine ? null : h("b", {}, `差异 ${review.difference} 分　`), `理由：${review.reason}`));
    else if (machine) parts.push(h("p", { class: "xf-muted" }, "没有人工认定，以数据和疑点认定为准。"));
    else parts.push(h("p", { class: "xf-muted" }, ["reviewed", "approved"].includes(this.page.state.head.state) ? "复评与自评一致。" : "尚无不同意见。"));
    if (this.page.state.head.mayReview) {
      const edit = button(machine ? "人工认定" : review ? "修改复评" : "复评不同意见", () => this.edit(), "small", { name: "review_item" });
      const drop = review ? button(machine ? "撤回人工认定" : "撤回复评", () => this.send({ conclusion: "" }), "small", { name: "drop_review" }) : null;
      parts.push(h("div", { class: "xf-buttons" }, edit, drop));
    }
    this.box.replaceChildren(...parts);
  }

  edit() {
    const start = this.item.review ? this.item.review.response : { ...this.item.response, reason: "", note: "" };
    this.said = { ...start, counts: { ...start.counts } };
    this.draw();
    this.box.querySelector("input").focus();
  }

  draw() {
    const name = freshId("review");
    const radios = ANSWERS.map(([code, text]) => {
      const id = freshId("radio");
      const onchange = () => {
        this.said.conclusion = code;
        fill();
      };
      return h("span", { class: `xf-answer xf-answer-${code}` },
        h("input", { type: "radio", id, name, value: code, checked: this.said.conclusion === code, onchange }),
        h("label", { for: id }, text));
    });
    const inputs = h("div", { class: "xf-inputs" });
    const fill = () => {
      const asked = this.said.conclusion === "not_applicable" ? [] : this.item.inputs.filter((input) =>
        input.always || this.said.conclusion !== "compliant");
      inputs.hidden = !asked.length;
      inputs.replaceChildren(...asked.map((input) => this.input(input)));
    };
    fill();
    const save = () => this.send(this.said);
    const [what, other] = this.item.machine ? ["人工认定", "数据结论"] : ["复评", "自评"];
    this.box.replaceChildren(h("h4", {}, what),
      h("fieldset", { class: "xf-answers" }, h("legend", { class: "xf-hidden" }, `${this.item.title}：${what}结论`), radios),
      inputs, this.area("reason", `与${other}不同的理由（必填）`), this.area("note", `${what}情况说明`),
      h("div", { class: "xf-faults", role: "alert" }),
      h("div", { class: "xf-buttons" }, button(`保存${what}`, save, "small primary", { name: "save_review" }),
        button("取消", () => this.show(), "small")));
  }

  input(input) {
    const id = freshId("input");
    const set = (event) => Object.assign(this.said, answered(this.said, input, event.target.value));
    if (input.widget === "choice") {
      const box = h("select", { id, onchange: set },
        h("option", { value: "" }, "请选择"), input.options.map(([code, text]) => h("option", { value: code }, text)));
      box.value = answerOf(this.said, input);
      return h("div", { class: "xf-input" }, h("label", { for: id }, input.label), box);
    }
    if (input.widget === "lines") {
      const lines = h("textarea", { id, rows: 3, maxlength: 4000, value: answerOf(this.said, input), oninput: set });
      return h("div", { class: "xf-input xf-lines" }, h("label", { for: id }, input.label), lines,
        h("small", {}, input.hint));
    }
    const measured = input.widget === "measure";
    if (measured && !this.said.measuredUnit) this.said.measuredUnit = input.unit;
    const suffix = measured ? input.options.find(([code]) => code === this.said.measuredUnit)[1] : input.suffix;
    const box = h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off",
      value: answerOf(this.said, input), oninput: set });
    return h("div", { class: "xf-input" }, h("label", { for: id }, input.label),
      h("span", { class: "xf-field" }, box, h("span", {}, suffix)), input.hint ? h("small", {}, input.hint) : null);
  }

  area(name, label) {
    const id = freshId("area");
    const oninput = (event) => { this.said[name] = event.target.value; };
    return h("div", { class: "xf-area" }, h("label", { for: id }, label),
      h("textarea", { id, rows: 2, maxlength: 4000, value: this.said[name] || "", oninput }));
  }

  async send(said) {
    Object.assign(said, unasked(this.item.inputs, said.conclusion));
    const answer = await this.page.line.ask(
      { type: "review_item", item: this.item.id, answer: said, revision: this.item.reviewSeen });
    if (answer.type === "refused") {
      const place = this.box.querySelector(".xf-faults");
      if (place) place.replaceChildren(...answer.faults.map((text) => h("p", {}, `未保存：${text}`)));
      else await askPerson(this.page.root, "没有完成", answer.faults);
      return;
    }
    this.page.renew(answer);
    this.page.go(this.page.items.get(this.item.id));
  }
}
