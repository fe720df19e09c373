/**
 * Whether the list of shortcuts is open.
 *
 * @module
 */

class Help {
  isOpen = $state(false);
}

export const help = new Help();
