/** Elements without HTML from strings: what comes off the air is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element of properties, attributes, `on…` listeners and children.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children nodes or text; null, undefined and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) put(element, name, value);
  element.append(...children.flat().filter(isShown));
  return element;
}

/** Make an SVG element of attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Write a text where it is new: a text that is the same costs no layout. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show an element or not. */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

function put(element, name, value) {
  if (!isShown(value)) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name in element) element[name] = value;
  else element.setAttribute(name, value);
}

/** A list that keeps the part of an item while the item is there: `{element, update(item), close?()}`. */
export class KeyedList {
  /**
   * @param {HTMLElement} element
   * @param {(item: any) => string} keyOf
   * @param {(item: any) => {element: Element, update: (item: any, index: number) => void, close?: () => void}} make
   */
  constructor(element, keyOf, make) {
    this.element = element;
    this.keyOf = keyOf;
    this.make = make;
    /** @type {Map<string, any>} */
    this.parts = new Map();
  }

  /** Show these items in this order. */
  update(items) {
    const before = this.parts;
    this.parts = new Map(items.map((item) => [this.keyOf(item), before.get(this.keyOf(item)) ?? this.make(item)]));
    for (const [key, part] of before) if (!this.parts.has(key)) drop(part);
    let index = 0;
    for (const item of items) {
      const part = this.parts.get(this.keyOf(item));
      part.update(item, index);
      const there = this.element.children[index];
      if (there !== part.element) this.element.insertBefore(part.element, there ?? null);
      index += 1;
    }
  }

  /** Let all parts go. */
  close() {
    for (const part of this.parts.values()) drop(part);
    this.parts.clear();
  }
}

function drop(part) {
  part.close?.();
  part.element.remove();
}
