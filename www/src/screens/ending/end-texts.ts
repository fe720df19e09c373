/**
 * Sentences of the end dialog.
 *
 * @module
 */

import type { RemovalReport } from "../../api/types";
import { type EndCounts, ending as texts } from "../../texts";
import { mayRevokeConsents } from "./removal-body";
import { clientsOf, isEmpty, ownerOf } from "./report-summary";
import type { SessionEnding } from "./session-ending.svelte";

/** The counts of a report, by the names that sentences use. */
export function countsOf(report: RemovalReport): EndCounts {
  return {
    sessions: report.sessionsRemoved,
    tokens: report.tokensRevoked,
    consents: report.consentsRevoked,
    otherGrants: report.otherGrantsRevoked,
  };
}

/** The name of the main button: what it does. */
export function actionText({ target, options, preview }: SessionEnding): string {
  const { actions } = texts;
  const owner = ownerOf(target);
  const counts = preview && countsOf(preview);
  const revokes = options.revokesTokens || (options.revokesConsents && mayRevokeConsents(target));
  if (options.endsSessions && (counts === undefined || counts.sessions > 0)) {
    const known = target.kind === "session" ? 1 : undefined;
    return actions.ends(counts?.sessions ?? known, owner);
  }
  const hasGrants =
    counts === undefined ? revokes : counts.tokens + counts.consents + counts.otherGrants > 0;
  const hasClients =
    options.notifies && (preview === undefined || clientsOf(preview).notified.length > 0);
  if (hasGrants && hasClients) return actions.revokesAndNotifies;
  if (hasGrants) return actions.revokes(counts);
  return hasClients ? actions.notifies : actions.nothing;
}

/** The result of the dry run, in sentences. */
export function effectSentences(model: SessionEnding, preview: RemovalReport): string[] {
  const { target, options } = model;
  const owner = ownerOf(target);
  if (isEmpty(preview)) return [nothingText(model, owner)];
  const clients = clientsOf(preview);
  const clientList =
    clients.notified.length === 0 ? "" : texts.clients(clients.notified, clients.isPart);
  const except = target.kind === "subject" ? (target.exceptSessionIds?.length ?? 0) : 0;
  return [
    texts.effect(countsOf(preview), owner, clientList),
    options.endsSessions ? "" : texts.sessionsStay,
    clientList === "" && options.endsSessions ? texts.noClients : "",
    model.keepsOwn && options.endsSessions ? texts.ownStays : "",
    except > 0 && options.endsSessions ? texts.exceptStay(except) : "",
  ].filter((sentence) => sentence !== "");
}

function nothingText({ target, options }: SessionEnding, owner: string): string {
  if (!options.endsSessions) return texts.nothingToDo;
  return target.kind === "subject" ? texts.nothing.subject(owner) : texts.nothing[target.kind];
}

/** The clients that can't be notified, with the reasons. */
export function skippedText(report: RemovalReport): string {
  const groups = [...clientsOf(report).skipped].map(([why, clientIds]) =>
    texts.skippedGroup(texts.clients(clientIds, false), texts.skipped[why] ?? why),
  );
  return groups.length === 0 ? "" : texts.notNotified(groups);
}

/** Why the choices leave nothing to do. */
export function choiceProblem({ options }: SessionEnding): string {
  const isUnlimited = !options.isLimited || options.clientIds.length > 0;
  return isUnlimited ? texts.nothingChosen : texts.noClientChosen;
}

/** The notes in an administrator's words, without those that `known` says. */
export function noteTexts(notes: readonly string[], known: readonly string[] = []): string[] {
  const translated = notes.map((note) => {
    if (note.startsWith("sessions were ended in steps")) return texts.noteInSteps;
    return texts.notes[note] ?? note;
  });
  return [...new Set(translated)].filter((note) => !known.includes(note));
}

/** Choices that differ from the default, such as `keeps tokens`. */
export function changedChoices({ target, options }: SessionEnding): string[] {
  const { changes } = texts;
  const ids = options.clientIds;
  return [
    options.endsSessions ? "" : changes.keepsSessions,
    options.revokesTokens ? "" : changes.keepsTokens,
    options.revokesConsents || !mayRevokeConsents(target) ? "" : changes.keepsConsents,
    options.notifies ? "" : changes.silent,
    options.isLimited ? changes.limited(ids.length === 0 ? "" : texts.clients(ids, false)) : "",
  ].filter((change) => change !== "");
}
