// @ts-check
/**
 * The few steps on the document that every part of the page takes. Text goes in as text: nothing
 * here parses markup.
 *
 * @module
 */

/**
 * The one element that must be there.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) {
    throw new Error(`the page has no ${type.name} \`${selector}\``);
  }
  return found;
}

/**
 * A new copy of the one element in a template.
 *
 * @param {string} templateId
 * @returns {HTMLElement}
 */
export function copyOf(templateId) {
  const { content } = find(document, `template#${templateId}`, HTMLTemplateElement);
  const copy = document.importNode(content, true).firstElementChild;
  if (!(copy instanceof HTMLElement)) {
    throw new Error(`the template \`${templateId}\` is empty`);
  }
  return copy;
}

/**
 * A new element with text, elements or both in it.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/**
 * The entries of a description list: a term and what it is, for each pair.
 *
 * @param {[term: string, description: Node | string][]} pairs
 * @returns {HTMLElement[]}
 */
export function descriptions(pairs) {
  return pairs.flatMap(([term, description]) => [
    element("dt", "", term),
    element("dd", "", description),
  ]);
}
