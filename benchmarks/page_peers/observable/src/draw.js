// The overview of rows.json with Observable Plot: filters, ranking, heat map, distribution.
import * as Plot from "@observablehq/plot";

const HEADS = ["名次", "机构", "层级", "片区", "总分", "等级"];

export function show(told, page) {
  const chosen = {};
  const [filters, ranking, heat, grades] = ["p", "div", "div", "div"].map((name) => document.createElement(name));
  function draw() {
    const rows = told.rows.filter((row) => Object.entries(chosen).every(([name, value]) => !value || row[name] === value));
    const table = document.createElement("table");
    table.innerHTML = `<thead><tr>${HEADS.map((head) => `<th>${head}</th>`).join("")}</tr></thead><tbody>${rows
      .map((row) => `<tr>${HEADS.map((head) => `<td>${row[head] ?? ""}</td>`).join("")}</tr>`).join("")}</tbody>`;
    ranking.replaceChildren(table);
    const cells = rows.flatMap((row) => told.domains.map((domain) => ({ unit: row["机构"], domain, text: row[domain], value: Number(row[domain]) })));
    heat.replaceChildren(Plot.plot({
      marginLeft: 120, width: 900, height: 60 + rows.length * 20, color: { scheme: "blues", reverse: true }, x: { axis: "top", label: null }, y: { label: null },
      marks: [Plot.cell(cells, { x: "domain", y: "unit", fill: "value", title: "text" }), Plot.text(cells, { x: "domain", y: "unit", text: "text" })],
    }));
    grades.replaceChildren(Plot.barX(rows, Plot.groupY({ x: "count" }, { y: "等级" })).plot());
  }
  for (const name of ["层级", "片区", "等级"]) {
    const select = document.createElement("select");
    select.append(...["", ...new Set(told.rows.map((row) => row[name]))].map((value) => new Option(value || "全部", value)));
    select.addEventListener("change", () => { chosen[name] = select.value; draw(); });
    filters.append(name, select);
  }
  page.append(filters, ranking, heat, grades);
  draw();
}
