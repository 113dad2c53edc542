/**
 * Elements without a framework: `h("p.small", { id: "a" }, "text", node, [more])`.
 */

/** Adds text, nodes, lists of them, or attributes and listeners to an element. */
function add(node, part) {
  if (part === null || part === undefined || part === false) return;
  if (Array.isArray(part)) part.forEach((each) => add(node, each));
  else if (part instanceof Node) node.append(part);
  else if (typeof part === "object") {
    for (const [name, value] of Object.entries(part)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "value") node.value = value;
      else if (value !== false && value !== null && value !== undefined) {
        node.setAttribute(name, value === true ? "" : value);
      }
    }
  } else node.append(String(part));
}

/** @param {string} selector tag and classes, such as `p.small.soft` */
export function h(selector, ...parts) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  add(node, parts);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} selector as for `h`, of an SVG element */
export function s(selector, ...parts) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElementNS(SVG, tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  add(node, parts);
  return node;
}

/** Text with `*bold*` parts as nodes. */
export const rich = (text) =>
  text.split("*").map((part, at) => (at % 2 ? h("b", part) : part));

const ICONS = {
  back: "M14.5 5 8 12l6.5 7",
  next: "m9.5 5 6.5 7-6.5 7",
  check: "M5 12.5 10 17.5 19.5 7",
  hide: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM4 4l16 16",
  offline: "M4 18v-3M9 18v-6M14 18v-3M19 18V5M4 4l16 16",
  online: "M4 18v-3M9 18v-6M14 18V9M19 18V5",
  copy: "M9 9h11v12H9zM15 9V4H4v12h5",
  share: "M12 15V3M8 6.5 12 3l4 3.5M8 10H5v11h14V10h-3",
  plus: "M8 4h8a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4zM12 8.5v7M8.5 12h7",
  menu: "M12 4.5v1M12 11.5v1M12 18.5v1M11.5 5h1M11.5 12h1M11.5 19h1",
  lock: "M5.5 11h13v9.5h-13zM8 11V7.5a4 4 0 0 1 8 0V11",
  home: "M4 11 12 4l8 7v9h-5.5v-6h-5v6H4z",
  results: "M4 6h16M4 12h16M4 18h16M13 4v4M8 10v4M16 16v4",
  phone: "M9.5 2.5h5A2.5 2.5 0 0 1 17 5v14a2.5 2.5 0 0 1-2.5 2.5h-5A2.5 2.5 0 0 1 7 19V5a2.5 2.5 0 0 1 2.5-2.5zM11 18.5h2",
  open: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2",
  warn: "M12 3.5 22 20.5H2zM12 10v5M12 17.8v.01",
  cross: "M6 6l12 12M18 6 6 18",
};

/** @param {keyof ICONS} name an ornament: the words beside it say the same */
export const icon = (name) =>
  s("svg.ico", { viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: ICONS[name] }));

/** The three marks of what is done, now and later; and of what will not be. */
export function stepMark(kind) {
  const shapes = {
    done: [
      s("circle", { cx: 12, cy: 12, r: 11, fill: "currentColor" }),
      s("path.p", { d: "M7 12.3 10.6 16 17 8.6", fill: "none",
        stroke: "currentColor", "stroke-width": 2.2 }),
    ],
    now: [
      s("circle", { cx: 12, cy: 12, r: 9.5, fill: "none",
        stroke: "currentColor", "stroke-width": 3 }),
      s("circle", { cx: 12, cy: 12, r: 4, fill: "currentColor" }),
    ],
    later: [
      s("circle", { cx: 12, cy: 12, r: 9.5, fill: "none", stroke: "currentColor",
        "stroke-width": 1.5, "stroke-dasharray": "3 3" }),
    ],
    ended: [
      s("circle", { cx: 12, cy: 12, r: 10.5, fill: "none",
        stroke: "currentColor", "stroke-width": 3 }),
      s("path", { d: "M8 8l8 8M16 8l-8 8", stroke: "currentColor",
        "stroke-width": 2.5 }),
    ],
  };
  const colour = { done: "a", now: "a", later: "e", ended: "i" }[kind];
  return s(`svg.step.${colour}`, { viewBox: "0 0 24 24", "aria-hidden": "true" },
    shapes[kind]);
}

/** The mark: two people and what goes between them. */
export const mark = () =>
  s("svg.a", { width: 28, height: 28, viewBox: "0 0 28 28", "aria-hidden": "true",
    fill: "currentColor" },
    s("path", { d: "M6 18C6 5 22 5 22 18", fill: "none", stroke: "currentColor",
      "stroke-width": 2.5 }),
    s("circle", { cx: 6, cy: 19, r: 4.5 }),
    s("circle", { cx: 22, cy: 19, r: 4.5 }));
