/**
 * The functions of Node's modules that the console uses, which Deno and Bun have as well. The types
 * of Node would make all of its globals available to the rest of the package.
 */
declare module "node:crypto" {
  export function createHash(algorithm: "sha256"): {
    update(data: Uint8Array): { digest(encoding: "base64url"): string };
  };
}
declare module "node:fs" {
  export function readdirSync(
    folder: URL,
    options: { withFileTypes: true },
  ): { name: string; isFile(): boolean }[];
  export function readFileSync(file: URL): Uint8Array<ArrayBuffer>;
}
declare module "node:util" {
  export function promisify<Input, Options, Output>(
    call: (
      input: Input,
      options: Options,
      done: (error: Error | null, output: Output) => void,
    ) => void,
  ): (input: Input, options: Options) => Promise<Output>;
}
declare module "node:zlib" {
  export function gzip(
    contents: Uint8Array,
    options: { level: number },
    done: (error: Error | null, compressed: Uint8Array<ArrayBuffer>) => void,
  ): void;
}
