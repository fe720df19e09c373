// Cases on fresh stores, for any test runner.

/** Returns a function that makes cases. `open` is the same as for the conformance kit. */
export function casesOn(open) {
  return (name, body) => ({
    name,
    run: async () => {
      const stores = await open();
      try {
        await body(stores);
      } finally {
        await stores.close?.();
      }
    },
  });
}
