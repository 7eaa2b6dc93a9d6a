// Small makers of elements. Text only ever goes in as text, never as markup.

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

export function choice(title, name, options, onchange) {
  const select = make("select", { name, onchange: (event) => onchange(event.target.value) });
  for (const [value, label] of options) select.append(make("option", { value }, label));
  return { label: make("label", {}, title, select), select };
}
