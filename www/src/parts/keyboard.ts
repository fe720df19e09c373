/**
 * Keyboard shortcuts.
 *
 * @module
 */

const FIELDS = "input, textarea, select, [contenteditable], [role=combobox]";

/** Whether a field, a dialog or the browser handles a key, so that it isn't a shortcut. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
  if (ctrlKey || metaKey || altKey || defaultPrevented) return true;
  if (!(target instanceof Element)) return false;
  return target.closest(`${FIELDS}, [role=dialog], [role=menu], [role=listbox]`) !== null;
}
