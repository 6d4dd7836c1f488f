// @ts-check
// Changes the page without making it anew: what stays keeps its focus, its selection and its place.

/** Two elements with the same key are the same thing. @param {Element} element */
const key = (element) => [element.nodeName, element.id || element.getAttribute("data-id"), element.className].join();

/**
 * Makes `old` equal to `next`, which is used up. Whether a group is open is the reader's choice and stays.
 * @param {Element} old
 * @param {Element} next
 */
export function morph(old, next) {
  if (old.isEqualNode(next)) return;
  for (const { name } of [...old.attributes]) {
    // Others are the reader's, or of what the reader has installed.
    if (!next.hasAttribute(name) && /^data-|^hidden/.test(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== "open") old.setAttribute(name, value);
  }
  const spare = /** @type {Map<string, Element[]>} */ (new Map());
  for (const child of old.children) spare.set(key(child), [...(spare.get(key(child)) ?? []), child]);
  arrange(
    old,
    [...next.childNodes].map((child) => {
      const heir = child instanceof Element && spare.get(key(child))?.shift();
      if (heir) morph(heir, child);
      return heir || child;
    }),
  );
}

/**
 * Gives `parent` these children in this order, and moves as few as it can. Others go, unless `isNeeded` elsewhere.
 * @param {Element} parent
 * @param {Node[]} children
 * @param {(child: Node) => boolean} [isNeeded]
 */
export function arrange(parent, children, isNeeded) {
  const staying = new Set(children);
  for (const child of [...parent.childNodes]) {
    if (!staying.has(child) && !isNeeded?.(child)) child.remove();
  }
  let cursor = /** @type {Node | null} */ (parent.firstChild);
  for (const child of children) {
    if (child !== cursor && child === cursor?.nextSibling) cursor = child;
    if (child === cursor) cursor = child.nextSibling;
    else move(parent, child, cursor);
  }
}

/** @param {any} parent @param {Node} child @param {Node | null} before */
function move(parent, child, before) {
  const focused = document.activeElement;
  if (child.isConnected && parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
  if (focused instanceof HTMLElement && child.contains(focused)) focused.focus({ preventScroll: true });
}
