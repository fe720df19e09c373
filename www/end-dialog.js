// @ts-check
/**
 * The dialog that ends sessions: it shows what would happen, asks, does it, and shows the report.
 *
 * @module
 */

/** @import { Backend, Me } from "./backend.js" */
/** @import { Target } from "./removal-form.js" */

import { find } from "./dom.js";
import { shortened } from "./format.js";
import { asProblem, showProblem } from "./problem.js";
import { RemovalForm } from "./removal-form.js";
import { previewElements, reportElements, reportSentence } from "./report.js";

/** @typedef {"review" | "ask-again" | "working" | "report"} Step */

export class EndDialog {
  #dialog = find(document, "#end-dialog", HTMLDialogElement);
  #title = find(document, "#end-title", HTMLElement);
  #summary = find(document, "#end-summary", HTMLElement);
  #body = find(document, "#end-body", HTMLElement);
  #review = find(document, "#end-review", HTMLElement);
  #preview = find(document, "#end-preview", HTMLElement);
  #problem = find(document, "#end-problem", HTMLElement);
  #ownWarning = find(document, "#end-own", HTMLElement);
  #report = find(document, "#end-report", HTMLElement);
  #cancel = find(document, "#end-cancel", HTMLButtonElement);
  #confirm = find(document, "#end-confirm", HTMLButtonElement);
  #close = find(document, "#end-close", HTMLButtonElement);
  #backend;
  #form;
  #onEnded;
  #confirmLabel = "";
  /** @type {Step} */
  #step = "review";
  #previewing = new AbortController();

  /**
   * @param {Backend} backend
   * @param {Me} me
   * @param {{ onEnded: () => void, onClosed: () => void }} callbacks `onEnded` is called after each
   *   removal that was carried out, in whole or in part
   */
  constructor(backend, me, { onEnded, onClosed }) {
    this.#backend = backend;
    this.#form = new RemovalForm(me, () => this.#showPreview());
    this.#onEnded = onEnded;
    this.#confirm.addEventListener("click", () => this.#goOn());
    this.#cancel.addEventListener("click", () => this.#dialog.close());
    this.#close.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("cancel", (event) => {
      if (this.#step === "working") event.preventDefault();
    });
    this.#dialog.addEventListener("close", () => {
      this.#previewing.abort();
      onClosed();
    });
  }

  /** @param {Target} target */
  open(target) {
    const { subjectId, sessionId, displayName } = target;
    const whose = displayName === undefined ? subjectId : `${displayName} (${subjectId})`;
    this.#title.textContent =
      sessionId === undefined ? "End all sessions of this subject?" : "End this session?";
    this.#summary.textContent =
      sessionId === undefined ? whose : `${shortened(sessionId)} of ${whose}`;
    this.#confirmLabel = sessionId === undefined ? "End all sessions" : "End session";
    this.#form.reset(target);
    this.#showStep("review");
    this.#dialog.showModal();
    this.#cancel.focus();
    this.#showPreview();
  }

  /** @param {Step} step */
  #showStep(step) {
    this.#step = step;
    this.#review.hidden = step === "ask-again" || step === "report";
    this.#ownWarning.hidden = step !== "ask-again";
    this.#report.hidden = step !== "report";
    this.#cancel.hidden = this.#confirm.hidden = step === "report";
    this.#close.hidden = step !== "report";
    this.#form.setEnabled(step === "review");
    this.#cancel.disabled = this.#confirm.disabled = step === "working";
    this.#confirm.textContent =
      step === "ask-again"
        ? "Yes, sign me out"
        : step === "working"
          ? "Ending…"
          : this.#confirmLabel;
    showProblem(this.#problem, undefined);
    this.#body.scrollTop = 0;
  }

  /**
   * Runs the removal dry, so that what is confirmed is known. A newer run takes the place of one
   * under way.
   */
  async #showPreview() {
    this.#previewing.abort();
    this.#previewing = new AbortController();
    const { signal } = this.#previewing;
    this.#confirm.disabled = true;
    showProblem(this.#problem, undefined);
    if (this.#form.isEmpty) {
      this.#preview.replaceChildren("Nothing: no option is chosen.");
      this.#preview.ariaBusy = "false";
      return;
    }
    this.#preview.ariaBusy = "true";
    try {
      const report = await this.#backend.remove(
        { ...this.#form.context, dryRun: true },
        { signal },
      );
      if (signal.aborted) return;
      this.#preview.replaceChildren(...previewElements(report));
      this.#confirm.disabled = false;
    } catch (thrown) {
      if (signal.aborted) return;
      this.#preview.replaceChildren();
      showProblem(this.#problem, asProblem(thrown), {
        label: "Try again",
        run: () => this.#showPreview(),
      });
    }
    this.#preview.ariaBusy = "false";
  }

  async #goOn() {
    if (this.#step === "review" && this.#form.endsOwnSession) {
      this.#showStep("ask-again");
      this.#cancel.focus();
      return;
    }
    this.#showStep("working");
    try {
      const report = await this.#backend.remove(this.#form.context);
      this.#showStep("report");
      this.#title.textContent = "Report";
      this.#summary.textContent = reportSentence(report);
      this.#report.replaceChildren(...reportElements(report));
    } catch (thrown) {
      this.#showStep("review");
      showProblem(this.#problem, asProblem(thrown));
    }
    // A browser lets nobody be locked in a dialog: a second Escape closes it even while the removal
    // runs.
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#title.focus();
    this.#onEnded();
  }
}
