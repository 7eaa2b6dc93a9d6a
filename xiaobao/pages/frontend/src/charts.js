// The two charts of the board: heat map with ranking bars on one shared axis of units, and grade counts.
import { init, use } from "echarts/core";
import { BarChart, HeatmapChart } from "echarts/charts";
import { AriaComponent, DataZoomComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, HeatmapChart, AriaComponent, DataZoomComponent, GridComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

const FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
const INK = "#1f2937";
const NONE = -1; // ECharts leaves a cell without a value undrawn; the dash must be seen
const USUAL = "#3b6ea5";
const WORST = "#b3261e";
const UNSCORED = "#8796a5";
const ROWS = 18;
const ROW_HEIGHT = 26;
const SIGN = 12.5; // pixels that a Chinese sign takes
const LINE = 14; // pixels from one sign of a standing head to the next
const LONGEST = 22; // signs of a name that stand on one line; a longer one takes two
const BARS = 250; // pixels that the bars want with their figures
const ROOMY = 64; // pixels of a column beyond which more is of no use

// Where the two charts stand. A head that is wider than its column stands upright, sign under sign, and stays whole.
function layout(data, width) {
  const titles = data.domains.map((domain) => domain.title);
  const longest = Math.max(1, ...data.rows.map((row) => [...row.name].length));
  const names = Math.min(longest, LONGEST) * SIGN + 40;
  const heat = Math.max(titles.length * 24, Math.min(titles.length * ROOMY, width - names - BARS));
  const column = heat / Math.max(1, titles.length);
  const upright = titles.some((title) => [...title].length * SIGN > column);
  const headings = upright ? titles.map((title) => [...title].join("\n")) : titles;
  const lines = Math.max(1, ...headings.map((heading) => heading.split("\n").length));
  const figures = column < 30 ? 9 : column < 36 ? 10 : column < 44 ? 11 : 12;
  return { top: 20 + lines * LINE, names, heat, bars: names + heat + 24, figures, headings };
}

// Pale enough that dark figures on them keep a contrast above 4.5:1. Red is bad; the figure is always printed.
export const BANDS = [
  { gte: 90, color: "#cfe6d8", label: "90 及以上" },
  { gte: 80, lt: 90, color: "#e8f1dc", label: "80–90" },
  { gte: 70, lt: 80, color: "#fbf0cf", label: "70–80" },
  { gte: 60, lt: 70, color: "#f8d5b4", label: "60–70" },
  { gte: 0, lt: 60, color: "#f0aaa2", label: "60 以下" },
];

export function matrix(element, data, open) {
  const chart = init(element, null, { renderer: "svg" });
  let rows = [];
  let domains = data.domains;
  let width = 0;
  chart.on("click", (event) => {
    const place = event.componentType === "yAxis" ? Number(event.value) : Number(event.data?.place ?? -1);
    if (rows[place]) open(rows[place], event.data?.domain);
  });
  const draw = (chosen, kept) => {
    rows = chosen;
    domains = kept;
    const shown = { ...data, domains };
    const visible = Math.min(rows.length, ROWS);
    width = element.clientWidth;
    const places = layout(shown, width || 800);
    const height = visible * ROW_HEIGHT + 14 + places.top;
    element.style.height = `${height}px`;
    chart.resize({ height });
    chart.setOption(option(rows, shown, visible, places), { notMerge: true });
  };
  return { draw, resize: () => (element.clientWidth === width ? chart.resize() : draw(rows, domains)), dispose: () => chart.dispose() };
}

function option(rows, data, visible, places) {
  const names = rows.map((row, place) => String(place));
  const nameOf = (place) => {
    const row = rows[Number(place)];
    return row ? `${row.rank ?? "—"}  ${row.name}` : "";
  };
  const zoomed = rows.length > visible;
  const { top, names: nameWidth, heat: heatWidth, bars: barsLeft, figures, headings } = places;
  const label = { interval: 0, color: INK, fontFamily: FONT, fontSize: 12 };
  const unitAxis = {
    type: "category", data: names, inverse: true, axisTick: { show: false }, axisLine: { show: false },
    triggerEvent: true,
  };
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: INK },
    aria: { enabled: true, label: { description: `机构与检查域得分热力图和总分排名，共 ${rows.length} 家机构。` } },
    tooltip: { confine: true, textStyle: { fontFamily: FONT, fontSize: 12 }, formatter: (event) => tip(rows[event.data.place], data, event.data.domain) },
    grid: [
      { left: nameWidth, width: heatWidth, top, bottom: 12 },
      { left: barsLeft, right: zoomed ? 104 : 78, top, bottom: 12 },
    ],
    xAxis: [
      {
        gridIndex: 0, type: "category", position: "top", data: headings,
        axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { ...label, lineHeight: LINE },
      },
      {
        gridIndex: 1, type: "value", min: 0, max: 100, position: "top", interval: 25,
        axisLabel: { color: "#5b6672", fontSize: 11 }, splitLine: { lineStyle: { color: "#e3e8ed" } },
      },
    ],
    yAxis: [
      { ...unitAxis, gridIndex: 0, axisLabel: { ...label, lineHeight: 13, width: nameWidth - 12, overflow: "break", formatter: nameOf } },
      { ...unitAxis, gridIndex: 1, axisLabel: { show: false } },
    ],
    dataZoom: zoomed ? zoom(visible, top) : [],
    visualMap: { show: false, type: "piecewise", seriesIndex: 0, dimension: 2, pieces: [...BANDS, { value: NONE, color: "#f3f5f7" }] },
    series: [heat(rows, data, figures), bars(rows)],
  };
}

function zoom(visible, top) {
  const shared = { yAxisIndex: [0, 1], startValue: 0, endValue: visible - 1, zoomLock: true };
  return [
    { ...shared, type: "slider", orient: "vertical", right: 6, width: 16, top, bottom: 12, showDetail: false, brushSelect: false },
    { ...shared, type: "inside", zoomOnMouseWheel: false, moveOnMouseWheel: true },
  ];
}

/** A figure over what stands behind it, for a narrow cell: the coverage's number, or a mark such as 未更新. */
function broken(shown) {
  return shown.replace(" ", "\n").replace(/（(.*)）$/, "\n$1");
}

function heat(rows, data, figures) {
  const points = [];
  rows.forEach((row, place) =>
    data.domains.forEach((domain, column) => {
      const value = row.numbers[domain.id];
      points.push({ value: [column, String(place), value ?? NONE], shown: row.shown[domain.id], place, domain });
    }),
  );
  return {
    type: "heatmap", name: "检查域得分", data: points, xAxisIndex: 0, yAxisIndex: 0,
    label: { show: true, color: INK, fontFamily: FONT, fontSize: figures, formatter: (event) => broken(event.data.shown) },
    itemStyle: { borderColor: "#fff", borderWidth: 2 },
    emphasis: { itemStyle: { borderColor: "#173a5e" } },
  };
}

function bars(rows) {
  return {
    type: "bar", name: "总分", xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 14,
    data: rows.map((row, place) => ({
      value: row.numbers.total ?? 0, place, itemStyle: { color: row.worst ? WORST : USUAL },
    })),
    label: {
      show: true, position: "right", color: INK, fontFamily: FONT, fontSize: 12,
      formatter: (event) => {
        const row = rows[event.data.place];
        const marked = row.shown.total.match(/^(.*)（(.*)）$/);
        if (marked) return `${marked[1]} ${marked[2]}`;
        return row.numbers.total === null ? row.shown.total : `${row.shown.total} ${row.gradeLabel}`;
      },
    },
  };
}

/** A cell tells its own domain, a bar all of the unit. */
function tip(row, data, domain) {
  const lines = [`${row.name}（${row.id}）`];
  if (domain) lines.push(`${domain.title} ${row.shown[domain.id]}`);
  lines.push(`总分 ${row.shown.total}　${row.gradeLabel || "没有得分"}　评分覆盖 ${row.shown.coverage}　上期 ${row.shown.previous}`);
  if (!domain) for (const one of data.domains) lines.push(`${one.title} ${row.shown[one.id]}`);
  if (!domain) lines.push(`待认定疑点 ${row.shown.open}　高风险发现 ${row.shown.high}`);
  if (!domain && row.why !== "—") lines.push(row.why);
  const box = document.createElement("div");
  for (const line of lines) box.appendChild(document.createElement("div")).textContent = line;
  return box;
}

export function gradeCounts(element, pick) {
  const chart = init(element, null, { renderer: "svg" });
  let grades = [];
  chart.on("click", (event) => {
    const grade = grades[event.dataIndex];
    if (grade?.id) pick(grade.id);
  });
  const draw = (counted) => {
    grades = counted;
    element.style.height = `${counted.length * 34 + 12}px`;
    chart.resize();
    chart.setOption(
      {
        animation: false,
        textStyle: { fontFamily: FONT, color: INK },
        aria: { enabled: true, label: { description: `等级分布：${counted.map((g) => `${g.label} ${g.count} 家`).join("，")}。` } },
        grid: { left: 62, right: 46, top: 4, bottom: 4 },
        xAxis: { type: "value", show: false, minInterval: 1 },
        yAxis: {
          type: "category", inverse: true, data: counted.map((grade) => grade.label),
          axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: INK, fontFamily: FONT },
        },
        series: [{
          type: "bar", barMaxWidth: 16, data: counted.map((grade) => ({
            value: grade.count, itemStyle: { color: grade.worst ? WORST : grade.id ? USUAL : UNSCORED },
          })),
          label: { show: true, position: "right", color: INK, formatter: (event) => `${event.value} 家` },
        }],
      },
      { notMerge: true },
    );
  };
  return { draw, resize: () => chart.resize(), dispose: () => chart.dispose() };
}
