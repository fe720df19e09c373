// The code of `endSessions` that faults change, and the code that they add.

/** Code that lets other calls run first. */
export const WAIT = "await new Promise((resolve) => setImmediate(resolve));";

/** Two steps of `endSessions`, as they are in its code. */
export const PICK = "const { ended, more } = picked(pick);";
export const RECORD = "const recorded = notify ? addAll(noticesOf(ended, notify)) : [];";

/** Makes `endSessions` asynchronous. */
export const ASYNC = ["    endSessions({ revoke", "    async endSessions({ revoke"];

/** Omits a member. */
export const without =
  (name) =>
  ({ [name]: _, ...rest }) =>
    rest;
