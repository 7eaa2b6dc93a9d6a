// Sliders of weights. Every answer is HTML that Python's views escaped; here nothing is computed.
function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "xb-view xb-sliders xb-asks";
  root.lang = "zh-CN";
  const style = document.createElement("style");
  style.textContent =
    ".xb-sliders .rows{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:4px 24px}" +
    ".xb-sliders label{display:grid;grid-template-columns:8em 1fr 3em;gap:8px;align-items:center}" +
    ".xb-sliders input{min-width:0}.xb-sliders output{text-align:right;font-variant-numeric:tabular-nums}" +
    ".xb-sliders button{font:inherit;padding:2px 14px;min-height:30px;margin:6px 0}@media print{.xb-sliders .rows,.xb-sliders button{display:none}}";
  const rows = document.createElement("div");
  rows.className = "rows";
  const answer = document.createElement("div");
  answer.setAttribute("aria-live", "polite");
  const inputs = [];
  let waiting;
  const send = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if ("xbResting" in document.documentElement.dataset) { // sent once the page is awake
        answer.textContent = "正在重新计算，请稍候……";
        return;
      }
      model.set("moved", Object.fromEntries(inputs.map(([name, input]) => [name, input.value])));
      model.save_changes();
    }, 200);
  };
  const anew = () => {
    draw();
    model.set("moved", {}); // what the new kernel knows
    send();
  };
  document.addEventListener("xb-awake", anew);
  for (const [name, title, weight] of model.get("rows")) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const output = document.createElement("output");
    Object.assign(input, { type: "range", min: "0", step: "0.5", name });
    input.max = String(Math.max(30, 2 * Number(weight)));
    input.value = weight;
    output.textContent = weight;
    input.addEventListener("input", () => { output.textContent = input.value; send(); });
    label.append(title, input, output);
    inputs.push([name, input, weight, output]);
    rows.append(label);
  }
  const reset = document.createElement("button");
  reset.type = "button";
  reset.textContent = "恢复原权重";
  reset.addEventListener("click", () => {
    for (const [, input, weight, output] of inputs) { input.value = weight; output.textContent = weight; }
    send();
  });
  const draw = () => { answer.innerHTML = model.get("shown"); };
  model.on("change:shown", draw);
  draw();
  root.append(style, rows, reset, answer);
  el.append(root);
  return () => {
    model.off("change:shown", draw);
    document.removeEventListener("xb-awake", anew);
  };
}
export default { render };
