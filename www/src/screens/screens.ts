/**
 * The screens by their names in the address.
 *
 * @module
 */

import type { Component } from "svelte";
import { activity, dashboard, deliveries, purge, sessions } from "../texts";
import Sessions from "./sessions/Sessions.svelte";

export interface Screen {
  name: string;
  title: string;
  /** The first screen is part of the first load; the others are fetched on their first use. */
  load(): Promise<{ default: Component }> | { default: Component };
}

const FIRST: Screen = {
  name: "sessions",
  title: sessions.title,
  load: () => ({ default: Sessions }),
};

const SCREENS: readonly Screen[] = [
  FIRST,
  {
    name: "purge",
    title: purge.title,
    load: () => import("./purge/Purge.svelte"),
  },
  {
    name: "deliveries",
    title: deliveries.title,
    load: () => import("./deliveries/Deliveries.svelte"),
  },
  {
    name: "dashboard",
    title: dashboard.title,
    load: () => import("./dashboard/Dashboard.svelte"),
  },
  {
    name: "activity",
    title: activity.title,
    load: () => import("./activity/Activity.svelte"),
  },
];

/** The screen with this name. An unknown name means the sessions. */
export function screenOf(name: string): Screen {
  return SCREENS.find((screen) => screen.name === name) ?? FIRST;
}
