/**
 * The screen of sessions: its address and its actions.
 *
 * @module
 */

import { tick } from "svelte";
import type { RemovalReport, Session, SessionQuery } from "../../api/types";
import { address, hashOf } from "../../state/address.svelte";
import { announcer } from "../../state/announcer.svelte";
import { connection } from "../../state/connection.svelte";
import { type EndTarget, ending } from "../../state/ending.svelte";
import { preferences } from "../../state/preferences.svelte";
import { sessions as texts } from "../../texts";
import { listParameters, sessionHash } from "./drawer-address";
import { KnownClients } from "./known-clients.svelte";
import { supportedQuery, without } from "./list-parameters";
import { listSentence, pageSentence } from "./page-texts";
import { keyOf, MOST_SELECTED, Selection } from "./selection.svelte";
import { SessionList } from "./session-list.svelte";
import { filterParameters, fixedFilters, isMoving } from "./session-query";

/** Failures that mean that the place in the address belongs to another list. */
const PLACE_FAILURES = new Set(["invalid_results_token", "results_token_mismatch"]);

/** The parameters of the place in the list. */
const PLACE = ["at", "prior", "now"] as const;

export class SessionsScreen {
  readonly list = new SessionList();
  readonly selection = new Selection();
  readonly clients = new KnownClients();
  /** Sentences about corrections of the address, until the user dismisses them. */
  corrections = $state.raw<readonly string[]>([]);
  /** The row that Tab reaches, by its key. */
  activeKey = $state<string>();
  /** The element that scrolls. */
  scroller: HTMLElement | undefined;
  /** The list is read again because its place was corrected. */
  #isCorrecting = false;
  /** The time that filters such as `-30d` are relative to (epoch milliseconds). */
  #askedAt = $state(Date.now());
  readonly #parsed = $derived(supportedQuery(listParameters(address.current)));

  /** The valid parameters of the list. */
  get parameters(): URLSearchParams {
    return this.#parsed.parameters;
  }

  get filters(): URLSearchParams {
    return filterParameters(this.parameters);
  }

  /** The filters for an end: of the list on screen, even if they move with the clock. */
  get fixedFilters(): URLSearchParams {
    return fixedFilters(this.parameters, this.#askedAt);
  }

  get hasFilters(): boolean {
    return this.filters.size > 0;
  }

  get size(): number {
    return this.#parsed.query.countRequested ?? preferences.pageSize;
  }

  get order(): "newest" | "oldest" {
    return this.#parsed.query.order ?? "newest";
  }

  /** The row that Tab reaches: the last one with the focus, or the first one. */
  readonly tabKey = $derived.by(() => {
    const { rows } = this.list;
    if (this.activeKey !== undefined && this.list.has(this.activeKey)) return this.activeKey;
    return rows[0] && keyOf(rows[0]);
  });

  /** A string that changes with the list that is shown. */
  readonly shownList = $derived(`${this.#parsed.parameters}&size=${this.size}`);

  /** Shows the list of the address. */
  async follow(): Promise<void> {
    const { corrections, parameters } = this.#parsed;
    const { query } = this.#ask();
    if (!this.#isCorrecting) this.corrections = [];
    this.#isCorrecting = false;
    if (corrections.length > 0) this.#correct(parameters, corrections);
    const isTurn = query.resultsToken !== undefined;
    const isFirst = this.list.page === undefined;
    const listAnnouncement = isFirst ? undefined : listSentence;
    const announce = isTurn ? pageSentence : listAnnouncement;
    if (await this.list.show(query, announce)) {
      this.scroller?.scrollTo({ top: 0 });
      this.clients.add(this.list.rows);
      return;
    }
    const { failure } = this.list;
    if (failure === undefined || !isTurn || !PLACE_FAILURES.has(failure.code)) return;
    this.list.forgetFailure();
    this.#isCorrecting = true;
    this.#correct(without(parameters, ...PLACE), [texts.problems.place]);
  }

  /** The query of the address, at this time. */
  #ask(): { query: SessionQuery } {
    const fixed = this.parameters.get("now");
    this.#askedAt = fixed === null ? Date.now() : Number(fixed);
    const { query } = supportedQuery(this.parameters, this.#askedAt);
    return { query: { ...query, countRequested: this.size } };
  }

  /** Changes parameters of the list; its place is then the first page. */
  change(changes: Record<string, string | undefined>, isReplacing = false): void {
    const parameters = without(this.parameters, ...PLACE, ...Object.keys(changes));
    for (const [name, value] of Object.entries(changes)) {
      if (value !== undefined && value !== "") parameters.append(name, value);
    }
    const hash = hashOf(["sessions"], parameters);
    if (isReplacing) address.replace(hash);
    else address.go(hash);
  }

  clearFilters(): void {
    this.change(Object.fromEntries([...this.filters.keys()].map((name) => [name, undefined])));
  }

  turn(isPrior: boolean): void {
    const { page, isBusy } = this.list;
    const isPossible = isPrior ? page?.hasPrevResults : page?.hasNextResults;
    if (!isPossible || isBusy || page?.resultsToken === undefined) return;
    const parameters = without(this.parameters, ...PLACE);
    parameters.set("at", page.resultsToken);
    // The token belongs to the instants of the first page.
    if (isMoving(parameters)) parameters.set("now", String(this.#askedAt));
    if (isPrior) parameters.set("prior", "1");
    address.go(hashOf(["sessions"], parameters));
  }

  resize(size: number): void {
    preferences.pageSize = size;
    this.change({ size: String(size) });
  }

  /** Shows the newest sessions. */
  async showNewest(): Promise<void> {
    if (this.parameters.has("at")) this.change({});
    else if (await this.list.show(this.#ask().query, listSentence))
      this.scroller?.scrollTo({ top: 0 });
  }

  async refresh(): Promise<void> {
    await this.list.show(this.#ask().query, (page) => texts.refreshed(page.results.length));
  }

  open(session: Session): void {
    address.go(sessionHash(session, this.parameters));
  }

  /** Whether rows can be selected: only the end of sessions needs a selection. */
  readonly hasSelection = $derived(connection.may("remove"));

  select(session: Session, isRange = false): void {
    if (!this.hasSelection) return;
    if (session.own) {
      announcer.say(texts.ownProtected);
      return;
    }
    const isSelected = !this.selection.has(keyOf(session));
    const rows = this.list.rows.filter((row) => this.canSelect(row));
    const isDone = isRange
      ? this.selection.setRange(session, isSelected, rows)
      : this.selection.set(session, isSelected);
    this.#saySelected(isDone);
  }

  selectPage(isSelected: boolean): void {
    const rows = this.list.rows.filter((row) => this.canSelect(row));
    this.#saySelected(this.selection.setAll(rows, isSelected));
  }

  canSelect(session: Session): boolean {
    return this.hasSelection && !session.own && this.list.ended(keyOf(session)) === undefined;
  }

  async endSession(session: Session): Promise<void> {
    if (!connection.may("remove")) return;
    if (session.own) return announcer.say(texts.ownProtected);
    if (this.list.ended(keyOf(session)) !== undefined) return;
    await this.#end({ kind: "session", session }, [session]);
    await this.#focusNext(session);
  }

  async endSubject(session: Session): Promise<void> {
    const { subjectId, displayName } = session;
    const isTheirs = (row: Session) => row.subjectId === subjectId && !row.own;
    const rows = this.list.rows.filter(isTheirs);
    await this.#end({ kind: "subject", subjectId, displayName }, rows);
    await this.#focusNext(session);
  }

  /** Ends the sessions of the same user except this one. */
  async endOthers(session: Session): Promise<void> {
    const { subjectId, displayName, sessionId } = session;
    const isOther = (row: Session) =>
      row.subjectId === subjectId && row.sessionId !== sessionId && !row.own;
    const exceptSessionIds = [sessionId];
    const rows = this.list.rows.filter(isOther);
    await this.#end({ kind: "subject", subjectId, displayName, exceptSessionIds }, rows);
    await this.#focusNext(session);
  }

  async endSelection(): Promise<void> {
    const { sessions } = this.selection;
    await this.#end({ kind: "selection", sessions }, sessions);
    const [first] = sessions;
    if (first !== undefined) await this.#focusNext(first);
  }

  /** Moves the focus by `step` rows. */
  async moveFocus(step: number): Promise<void> {
    const { rows } = this.list;
    const { activeElement } = document;
    const key = activeElement?.closest<HTMLElement>("tr[data-key]")?.dataset.key;
    const index = rows.findIndex((session) => keyOf(session) === (key ?? this.activeKey));
    const isInside = key !== undefined;
    const next = isInside ? index + step : Math.max(index, 0);
    const session = rows[Math.max(0, Math.min(next, rows.length - 1))];
    if (session !== undefined) await this.focusRow(keyOf(session));
  }

  async focusRow(key: string): Promise<void> {
    this.activeKey = key;
    await tick();
    const row = this.scroller?.querySelector<HTMLElement>(`tr[data-key="${CSS.escape(key)}"]`);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  async #end(target: EndTarget, rows: readonly Session[]): Promise<void> {
    const report: RemovalReport | undefined = await ending.end(target);
    if (report === undefined || report.sessionsRemoved === 0) return;
    if (report.sessionsRemoved >= rows.length) this.list.markEnded(rows.map(keyOf));
    this.selection.setAll(rows, false);
    await this.list.update();
  }

  /** After a row ended, focuses the next active row, or else the one before. */
  async #focusNext(session: Session): Promise<void> {
    const { rows } = this.list;
    const index = rows.findIndex((row) => keyOf(row) === keyOf(session));
    const isActive = (row: Session) => this.list.ended(keyOf(row)) === undefined;
    const next =
      rows.slice(Math.max(index, 0)).find(isActive) ?? rows.slice(0, index).findLast(isActive);
    // Bits UI restores the focus asynchronously.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (next !== undefined) await this.focusRow(keyOf(next));
  }

  #saySelected(isDone: boolean): void {
    const { size } = this.selection;
    announcer.say(isDone ? texts.selected(size) : texts.tooManySelected(MOST_SELECTED));
    if (!isDone) this.corrections = [texts.tooManySelected(MOST_SELECTED)];
  }

  #correct(parameters: URLSearchParams, corrections: readonly string[]): void {
    this.corrections = [...this.corrections, ...corrections];
    const { path, query } = address.current;
    const [sessionId] = path;
    const subjectId = query.get("subjectId");
    const isOpen = sessionId !== undefined && subjectId !== null;
    const list = hashOf(["sessions", ...path.slice(0, 1)], parameters);
    address.replace(isOpen ? sessionHash({ sessionId, subjectId }, parameters) : list);
  }
}
