/**
 * The screens by their names in the address.
 *
 * @module
 */

import type { Component } from "svelte";
import type { Me, Permission } from "../api/types";
import { activity, dashboard, deliveries, purge, sessions } from "../texts";
import Sessions from "./sessions/Sessions.svelte";

export interface Screen {
  name: string;
  title: string;
  /** The permission that the user needs. */
  permission: Permission;
  /** The capability that the API needs. */
  capability?: "deliveries" | "events" | "stats";
  /** The first screen is part of the first load; the others are fetched on their first use. */
  load(): Promise<{ default: Component }> | { default: Component };
}

const FIRST: Screen = {
  name: "sessions",
  title: sessions.title,
  permission: "read",
  load: () => ({ default: Sessions }),
};

const SCREENS: readonly Screen[] = [
  FIRST,
  {
    name: "purge",
    title: purge.title,
    permission: "purge",
    load: () => import("./purge/Purge.svelte"),
  },
  {
    name: "deliveries",
    title: deliveries.title,
    permission: "read",
    capability: "deliveries",
    load: () => import("./deliveries/Deliveries.svelte"),
  },
  {
    name: "dashboard",
    title: dashboard.title,
    permission: "read",
    capability: "stats",
    load: () => import("./dashboard/Dashboard.svelte"),
  },
  {
    name: "activity",
    title: activity.title,
    permission: "read",
    capability: "events",
    load: () => import("./activity/Activity.svelte"),
  },
];

/** The screen with this name. An unknown name means the sessions. */
export function screenOf(name: string): Screen {
  return SCREENS.find((screen) => screen.name === name) ?? FIRST;
}

/** Whether a name is one of a screen. No name means the sessions. */
export function isScreen(name: string): boolean {
  return name === "" || SCREENS.some((screen) => screen.name === name);
}

/** Why the user can't use a screen; `undefined` if they can. */
export function obstacleOf(
  { permission, capability }: Screen,
  { permissions, capabilities }: Me,
): "permission" | "capability" | undefined {
  if (!permissions.includes(permission)) return "permission";
  if (capability !== undefined && !capabilities[capability]) return "capability";
  return undefined;
}
