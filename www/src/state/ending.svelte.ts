/**
 * The end dialog, which any screen opens.
 *
 * @module
 */

import type { RemovalReport, Session } from "../api/types";

/** A session to end. Someone who may not list sessions only knows its ids. */
export type KnownSession = Pick<Session, "subjectId" | "sessionId"> & Partial<Session>;

/** The sessions that the dialog ends. */
export type EndTarget =
  | { kind: "session"; session: KnownSession }
  | {
      kind: "subject";
      subjectId: string;
      displayName?: string | undefined;
      /** Sessions that stay active. */
      exceptSessionIds?: readonly string[];
    }
  | { kind: "selection"; sessions: readonly Session[] };

interface Request {
  target: EndTarget;
  /** Called once, when the dialog closes. */
  settle(report: RemovalReport | undefined): void;
}

class Ending {
  #request = $state.raw<Request>();

  /** The open request; the dialog shows it. */
  get target(): EndTarget | undefined {
    return this.#request?.target;
  }

  /**
   * Opens the dialog. The result arrives when the user closes it: the report, or `undefined` if
   * nothing was ended. The caller then moves the focus.
   */
  end(target: EndTarget): Promise<RemovalReport | undefined> {
    this.close();
    return new Promise((settle) => {
      this.#request = { target, settle };
    });
  }

  /** Closes the dialog. */
  close(report?: RemovalReport): void {
    const request = this.#request;
    this.#request = undefined;
    request?.settle(report);
  }
}

export const ending = new Ending();
