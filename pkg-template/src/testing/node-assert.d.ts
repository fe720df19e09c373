/**
 * The part of Node's assertions that the kit uses. Declared here, so that the package compiles
 * without the types of Node.
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
