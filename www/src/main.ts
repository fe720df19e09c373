import { mount } from "svelte";
import App from "./shell/App.svelte";
import { preferences } from "./state/preferences.svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

preferences.applyTheme();
const target = document.querySelector("#app");
if (target !== null) mount(App, { target });
