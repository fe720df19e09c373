// The `test` of other runners, as far as it matters here.
export declare function test(name: string, run: () => Promise<void>, timeout?: number): void;
