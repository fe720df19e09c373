// Polls the application every second, and reloads the page when the status changes.
const shown = document.querySelector("[data-status]")?.getAttribute("data-status");

setInterval(async () => {
  const response = await fetch("/status").catch(() => undefined);
  if (!response?.ok) return; // The application may be restarting: the next poll asks again.
  const { status } = await response.json();
  if (status !== shown) location.assign("/");
}, 1000);
