// The `test` of other runners, as far as these tests use it.
export declare function test(name: string, run: () => Promise<void>, timeout?: number): void;
