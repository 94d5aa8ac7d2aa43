// All times are UTC; the reader's own time stands behind each as a tooltip.
const tellOwnTimes = () => document.querySelectorAll("time[datetime]").forEach((time) => {
  const at = new Date(time.dateTime);
  time.title = `${at.toLocaleString()} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
});
tellOwnTimes();

// A text to send on is copied with one click; without scripts it can be marked and copied.
// Browsers give pages no clipboard on an address without TLS.
document.querySelectorAll("button[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
});

// What lives is fetched again every few seconds; the keyboard stays where it was. When that fails,
// the page says so: an old state must not pass for the present one.
const live = document.querySelector("[data-live]");
const refresh = async () => {
  if (document.hidden) return;
  const stale = document.getElementById("stale");
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (!fresh) throw new Error(answer.status);
    const focused = live.contains(document.activeElement) && document.activeElement.id;
    live.innerHTML = fresh.innerHTML;
    if (focused) document.getElementById(focused)?.focus();
    tellOwnTimes();
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
};
if (live) setInterval(refresh, 1000 * live.dataset.live);
