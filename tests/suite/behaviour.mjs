/**
 * How the package behaves, whatever the host: the same cases run on every one of them.
 *
 * @param lib the package's main entry, as imported on the host
 * @param assert `ok`, `equal`, `deepEqual`, `match`, `throws` and `rejects`, as in `node:assert/strict`
 * @returns {{ name: string, run: () => void | Promise<void> }[]}
 */
export function suite(lib, assert) {
  return [
    {
      name: "the core says its version",
      run() {
        assert.match(lib.coreVersion(), /^\d+\.\d+\.\d+/);
      },
    },
    {
      name: "the error class is an Error with a code and the cause untouched",
      run() {
        const cause = { anything: true };
        const error = new lib.RollcallError("store_failed", "the store failed", cause);
        assert.ok(error instanceof Error);
        assert.equal(error.name, "RollcallError");
        assert.equal(error.code, "store_failed");
        assert.equal(error.cause, cause);
      },
    },
  ];
}
