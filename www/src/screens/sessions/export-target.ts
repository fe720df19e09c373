/**
 * The file that an export is written to.
 *
 * @module
 */

export interface Target {
  write(part: string): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** File System Access; only some browsers have it. */
interface FilePicker {
  showSaveFilePicker(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

function hasFilePicker(scope: object): scope is FilePicker {
  return "showSaveFilePicker" in scope;
}

/** Opens a file; `undefined` if the user doesn't choose one. */
export async function openFile(name: string, type: string): Promise<Target | undefined> {
  const scope: object = window;
  if (!hasFilePicker(scope)) return download(name, type);
  try {
    const handle = await scope.showSaveFilePicker({ suggestedName: name });
    return await handle.createWritable();
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") return undefined;
    // The page may not show the dialog, for example in a frame.
    if (thrown instanceof DOMException && thrown.name === "SecurityError") {
      return download(name, type);
    }
    throw thrown;
  }
}

/** A download, which starts when the file is complete. */
function download(name: string, type: string): Target {
  const parts: Blob[] = [];
  return {
    async write(part) {
      // The browser may move blobs out of memory.
      parts.push(new Blob([part]));
    },
    async close() {
      const url = URL.createObjectURL(new Blob(parts, { type }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    async abort() {
      parts.length = 0;
    },
  };
}
