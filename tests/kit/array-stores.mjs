// The example stores of the documentation, read from its page.
import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../docs/stores/your-own.md", import.meta.url), "utf8");
const [, source] = page.match(/<!-- run by tests\/kit\/ -->\n```js\n(.*?)```/s) ?? [];
if (source === undefined) throw new Error("docs/stores/your-own.md has no stores");

/** The code of the stores, from the page. */
export const arrayStoresSource = source;

export const { arrayStores } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
