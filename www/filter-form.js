// @ts-check
/**
 * The form that says which sessions to list.
 *
 * @module
 */

/** @import { Filter } from "./address.js" */

import { NO_FILTER, readFilter } from "./address.js";
import { element, find } from "./dom.js";

export class FilterForm {
  #form = find(document, "#filter", HTMLFormElement);
  #size = find(document, "#filter-size", HTMLSelectElement);
  #knownClients = find(document, "#known-clients", HTMLDataListElement);

  /** @param {(filter: Filter) => void} onApply */
  constructor(onApply) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = new FormData(this.#form);
      onApply(readFilter((name) => String(values.get(name) ?? "")));
    });
    this.#form.addEventListener("reset", (event) => {
      event.preventDefault();
      onApply(NO_FILTER);
    });
  }

  /**
   * Shows a filter. A page size that is not among the choices, from an address, becomes one.
   *
   * @param {Filter} filter
   */
  show(filter) {
    const sizes = [...this.#size.options].map((option) => option.value);
    if (!sizes.includes(String(filter.size))) {
      this.#size.append(element("option", "", String(filter.size)));
    }
    for (const [name, value] of Object.entries(filter)) {
      const field = find(this.#form, `[name=${name}]`, HTMLElement);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
        field.value = String(value);
    }
  }

  /**
   * Adds clients to the suggestions for the client id.
   *
   * @param {Iterable<string>} clientIds
   */
  suggestClients(clientIds) {
    const known = new Set([...this.#knownClients.options].map((option) => option.value));
    for (const clientId of clientIds) {
      if (known.has(clientId)) continue;
      known.add(clientId);
      const option = element("option", "");
      option.value = clientId;
      this.#knownClients.append(option);
    }
  }
}
