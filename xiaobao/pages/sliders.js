// Sliders of weights. Every answer is HTML that Python's views escaped; here nothing is computed.
// They are drawn as soon as the server has sent them; the widget takes them over when its kernel is there.
// Paper shows what was tried, and nothing of it where nothing was: `still` says that every slider is where it was.
const WAIT = "正在重新计算，请稍候……";
const LATE = "还没有连上计算程序。请刷新页面；仍不行时，请把页面地址和时间告诉系统管理员。";
const LATE_MS = 60000;

class Sliders {
  constructor(state, el) {
    this.model = null;
    this.inputs = [];
    const root = document.createElement("div");
    root.className = "xb-view xb-sliders xb-asks still";
    this.root = root;
    root.lang = "zh-CN";
    const style = document.createElement("style");
    style.textContent =
      ".xb-sliders .rows{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:4px 24px}" +
      ".xb-sliders label{display:grid;grid-template-columns:8em 1fr 3em;gap:8px;align-items:center}" +
      ".xb-sliders input{min-width:0}.xb-sliders output{text-align:right;font-variant-numeric:tabular-nums}" +
      ".xb-sliders button{font:inherit;padding:2px 14px;min-height:30px;margin:6px 0}@media print{.xb-sliders .rows,.xb-sliders button,.xb-view.xb-sliders.still{display:none}}";
    const title = document.createElement("h3");
    title.textContent = "试算权重";
    const rows = document.createElement("div");
    rows.className = "rows";
    for (const [name, title, weight] of state.rows) rows.append(this.slider(name, title, weight));
    const reset = document.createElement("button");
    reset.type = "button";
    reset.textContent = "恢复原权重";
    reset.addEventListener("click", () => {
      for (const [, input, weight, output] of this.inputs) { input.value = weight; output.textContent = weight; }
      this.send();
    });
    this.answer = document.createElement("div");
    this.answer.setAttribute("aria-live", "polite");
    this.answer.innerHTML = state.shown;
    this.draw = () => { this.answer.innerHTML = this.model.get("shown"); };
    this.anew = () => {
      this.draw();
      this.model.set("moved", {}); // what the new kernel knows
      this.send();
    };
    document.addEventListener("xb-awake", this.anew);
    root.append(style, title, rows, reset, this.answer);
    el.append(root);
  }

  slider(name, title, weight) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const output = document.createElement("output");
    Object.assign(input, { type: "range", min: "0", step: "0.5", name });
    input.max = String(Math.max(30, 2 * Number(weight)));
    input.value = weight;
    output.textContent = weight;
    input.addEventListener("input", () => { output.textContent = input.value; this.send(); });
    label.append(title, input, output);
    this.inputs.push([name, input, weight, output]);
    return label;
  }

  /** Ask for what the sliders say, a moment after the last of them moved. What has no kernel yet asks when it has. */
  send() {
    clearTimeout(this.waiting);
    this.root.classList.toggle("still", this.inputs.every(([, input, weight]) => Number(input.value) === Number(weight)));
    this.moved = true;
    this.waiting = setTimeout(() => {
      if (!this.model || "xbResting" in document.documentElement.dataset) { // sent once the page is awake
        this.answer.textContent = WAIT;
        if (!this.model) this.waiting = setTimeout(() => { this.answer.textContent = LATE; }, LATE_MS);
        return;
      }
      this.model.set("moved", Object.fromEntries(this.inputs.map(([name, input]) => [name, input.value])));
      this.model.save_changes();
    }, 200);
  }

  adopt(model) {
    this.model = model;
    model.on("change:shown", this.draw);
    if (this.moved) this.send();
    return () => {
      model.off("change:shown", this.draw);
      document.removeEventListener("xb-awake", this.anew);
    };
  }
}

const SLIDERS = {
  early(state, el) { window.xiaobaoSliders = new Sliders(state, el); },
  render({ model, el }) {
    const drawn = window.xiaobaoSliders || new Sliders({ rows: model.get("rows"), shown: model.get("shown") }, el);
    window.xiaobaoSliders = null;
    return drawn.adopt(model);
  },
};

export default SLIDERS;
