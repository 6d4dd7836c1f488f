// @ts-check
// Runs within a page: what is cut off, pushed out of the window, or written over something else.

/** @returns {string[]} */
export function misplaced() {
  const problems = /** @type {string[]} */ ([]);
  const root = document.documentElement;
  const width = root.clientWidth;
  if (root.scrollWidth > width) problems.push(`the page is ${root.scrollWidth} px wide in a window of ${width} px`);

  /** @param {Element} element */
  const name = (element) => {
    const known = element.closest("[id]");
    const own = element.id ? "" : ` ${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
    return `#${known?.id ?? ""}${own} "${(element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 50)}"`;
  };

  for (const element of document.querySelectorAll(".scroll")) {
    if (element.scrollWidth > element.clientWidth + 1) problems.push(`has to be scrolled: ${name(element)}`);
  }

  /** What can be seen of a box, as far as what is around it cuts it off. @param {Element} element @param {DOMRect} box */
  function seen(element, box) {
    let { left, top, right, bottom } = box;
    for (let around = /** @type {Element | null} */ (element); around && around !== document.body; around = around.parentElement) {
      const { overflowX, clipPath } = getComputedStyle(around);
      if (clipPath === "inset(50%)") return null;
      if (overflowX === "visible") continue;
      const edge = around.getBoundingClientRect();
      [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
      [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const boxes = [];
  const range = document.createRange();
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement;
    if (!element || !text.nodeValue?.trim() || element.closest("noscript, template, script, .shape, option")) continue;
    if (!element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      const part = seen(element, box);
      if (!part) continue;
      if (part.left < -1 || part.right > width + 1) problems.push(`out of the window: ${name(element)}`);
      boxes.push({ ...part, element });
    }
  }

  // From top to bottom, each box with those that begin before it ends. Lines may touch, as their boxes are higher than letters.
  boxes.sort((a, b) => a.top - b.top);
  boxes.forEach((box, idx) => {
    for (const other of boxes.slice(idx + 1, idx + 400)) {
      if (other.top >= box.bottom) break;
      const high = Math.min(box.bottom, other.bottom) - other.top;
      const wide = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const least = Math.min(box.bottom - box.top, other.bottom - other.top);
      if (wide > 1.5 && high > least / 3) problems.push(`written over each other: ${name(box.element)} and ${name(other.element)}`);
    }
  });
  return [...new Set(problems)].slice(0, 5);
}
