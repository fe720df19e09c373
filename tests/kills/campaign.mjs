// Hundreds of kills: at each step of a scenario, or at random steps of many.
import assert from "node:assert/strict";
import { partOf, SEED } from "../long.mjs";
import { carryOut } from "./experiment.mjs";
import { Lane } from "./lane.mjs";
import { newPlaces } from "./places.mjs";
import { startReceiver } from "./receiver.mjs";
import { Tally } from "./tally.mjs";

/** @import { Plan } from "./experiment.mjs" */
/** @import { Scenario } from "./scenarios.mjs" */
/** @import { Line, Moment } from "./trap.mjs" */

/** The number of concurrent processes, each with its own database. */
const LANES = 2;
/** The duration of most statements and requests, in milliseconds. */
const STATEMENT = 0.3;
const REQUEST = 4;
/** An ordinary run takes every n-th moment of a kind. */
const EVERY = 4;
/** The probability that a process that repeats the work is killed too. */
const KILLED_AGAIN = 0.3;

/**
 * Starts an engine with databases, processes that work on them, and clients that are notified.
 *
 * @param {string} engine its name
 */
export async function startCampaign(engine) {
  const { places, close } = await newPlaces(engine, LANES);
  const receiver = await startReceiver();
  const lanes = places.map((place) => new Lane({ engine, place }));

  /** Returns the log of a scenario without a kill. */
  async function logOf(/** @type {Scenario} */ scenario) {
    const { log } = await carryOut(lanes[0], receiver, { scenario, moments: [] });
    return log;
  }

  /** Carries out the plans, one per lane at a time, until one fails. */
  async function carryOutAll(/** @type {Iterable<Plan>} */ plans, /** @type {Tally} */ tally) {
    const queue = plans[Symbol.iterator]();
    let failure;
    const work = async (lane) => {
      while (failure === undefined) {
        const { value: plan, done } = queue.next();
        if (done) return;
        tally.add(await carryOut(lane, receiver, plan));
      }
    };
    const noteFailure = (error) => {
      failure ??= error;
    };
    // The other lanes complete their current plan, because they are used again.
    await Promise.all(lanes.map((lane) => work(lane).catch(noteFailure)));
    if (failure !== undefined) throw failure;
  }

  return {
    /** Kills at each step in turn. In an ordinary run, kills at some steps of each kind. */
    killEverywhere: async (/** @type {Scenario} */ scenario) => {
      const log = await logOf(scenario);
      const names = new Map(log.map(({ number, step }) => [number, step]));
      const kindOf = ({ step, when }) => `${names.get(step)}, ${when}`;
      const moments = partOf(momentsOf(log, scenario.choose), kindOf, EVERY);
      // Alternate, because neighboring moments are similar.
      const plans = moments.map((moment, n) => ({
        scenario,
        moments: [moment],
        deliversFirst: (n + SEED) % 2 === 1,
      }));
      const tally = new Tally();
      await carryOutAll(plans, tally);
      assert.equal(tally.kills, moments.length, "a step was not reached");
      return tally;
    },
    /**
     * Kills at random steps until the tally has this many more kills. Sometimes also kills the
     * process that repeats the work.
     */
    killAtRandom: async (/** @type {Scenario} */ scenario, count, /** @type {Tally} */ tally) => {
      const log = await logOf(scenario);
      const enough = tally.kills + count;
      await carryOutAll(
        randomPlans(scenario, log, () => tally.kills >= enough),
        tally,
      );
    },
    close: async () => {
      for (const lane of lanes) await lane.close();
      await receiver.close();
      await close();
    },
  };
}

/**
 * A call is interrupted before and after it, a statement during and after it, and a request also
 * while it's being sent. Moments that are the same as another one are omitted.
 *
 * @param {Line[]} log of a run without a kill
 * @param {Scenario["choose"]} choose
 */
function momentsOf(log, choose = () => true) {
  return log.flatMap((line, index) => {
    if (!choose(line)) return [];
    const isStatement = line.within !== undefined;
    if (line.event === "begin") {
      const before = isStatement || log[index - 1]?.event === "end" ? [] : ["before"];
      const during = isStatement || line.step === "sendLogout" ? ["during"] : [];
      return [...before, ...during].map((when) => momentOf(line, when));
    }
    const next = log[index + 1];
    const endsCall = isStatement && next?.event === "end" && next.number === line.within;
    return line.event === "end" && !endsCall ? [momentOf(line, "after")] : [];
  });
}

/** @returns {Moment} */
function momentOf({ number, within }, when) {
  const longest = within === undefined ? REQUEST : STATEMENT;
  return { step: number, when, ...(when === "during" && { delay: Math.random() * longest }) };
}

/** @returns {Generator<Plan>} */
function* randomPlans(scenario, log, isEnough) {
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  const steps = log.filter(({ event }) => event === "begin");
  const names = [...new Set(steps.map(({ step }) => step))];
  const randomMoment = () => {
    // Chosen by name. Otherwise most would be of the few kinds that repeat for each client.
    const name = pick(names);
    return momentOf(
      pick(steps.filter(({ step }) => step === name)),
      pick(["before", "during", "after"]),
    );
  };
  while (!isEnough()) {
    const moments = [randomMoment()];
    while (Math.random() < KILLED_AGAIN) moments.push(randomMoment());
    yield { scenario, moments, deliversFirst: Math.random() < 0.5 };
  }
}
