/**
 * What the kit uses of Node's assertions. Declared here, so that the package is compiled without
 * all the types of Node.
 */
declare module "node:assert" {
  export const strict: {
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    rejects(
      block: () => Promise<unknown>,
      expected?: object | string,
      message?: string,
    ): Promise<void>;
    fail(message?: string): never;
  };
}
