// Shows within a second that the session ended: asks the application, and loads the page again when
// the answer changed.
const shown = document.querySelector("[data-status]")?.getAttribute("data-status");

setInterval(async () => {
  const response = await fetch("/status").catch(() => undefined);
  if (!response?.ok) return; // The application is down for a moment: the next second tells.
  const { status } = await response.json();
  if (status !== shown) location.assign("/");
}, 1000);
