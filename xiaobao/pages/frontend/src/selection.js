// Which rows are shown and in what order. Selects, sorts and counts; no mean, rank or share is worked out here.

export const EMPTY = { level: "", region: "", domain: "", grade: "", q: "", sort: "rank" };

export function readHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...EMPTY };
  for (const key of Object.keys(EMPTY)) if (given.has(key)) state[key] = given.get(key).slice(0, 80);
  return state;
}

export function writeHash(state) {
  const kept = new URLSearchParams();
  for (const key of Object.keys(EMPTY)) if (state[key] !== EMPTY[key]) kept.set(key, state[key]);
  const text = kept.toString();
  return text ? `#${text}` : "";
}

export function select(rows, state) {
  const wanted = state.q.trim().normalize("NFKC").toLowerCase();
  return rows.filter(
    (row) =>
      (!state.level || row.level === state.level) &&
      (!state.region || row.region === state.region) &&
      (!state.grade || row.grade === state.grade) &&
      (!wanted || row.search.includes(wanted)),
  );
}

// `key` or `-key` for descending; what has no value stands last either way.
export function sorted(rows, sort) {
  const down = sort.startsWith("-");
  const key = down ? sort.slice(1) : sort;
  const sign = down ? -1 : 1;
  const value = (row) => (key in row.numbers ? row.numbers[key] : row[key]);
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const [noX, noY] = [x === null || x === undefined || x === "", y === null || y === undefined || y === ""];
    if (noX || noY) return noX - noY || a.place - b.place;
    const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "zh-CN", { numeric: true });
    return order * sign || a.place - b.place;
  });
}

// The precomputed group that these filters name; undefined when they name none (then no mean is shown).
export function groupOf(groups, state) {
  if (state.q.trim() || state.grade || (state.level && state.region)) return undefined;
  const key = state.level ? `level:${state.level}` : state.region ? `region:${state.region}` : "all";
  return groups.find((group) => group.key === key);
}

export function countGrades(rows, grades) {
  const counts = new Map(grades.map((grade) => [grade.id, 0]));
  let none = 0;
  for (const row of rows) {
    if (counts.has(row.grade)) counts.set(row.grade, counts.get(row.grade) + 1);
    else none += 1;
  }
  const listed = grades.map((grade) => ({ ...grade, count: counts.get(grade.id) }));
  return none ? [...listed, { id: "", label: "没有得分", count: none }] : listed;
}
