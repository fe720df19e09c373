// Cases on fresh stores, for any test runner or none.

/** What makes them. `open` is as for the conformance kit. */
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
