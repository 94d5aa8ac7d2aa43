// All times are UTC; the reader's own time stands behind each as a tooltip.
document.querySelectorAll("time[datetime]").forEach((time) => {
  const at = new Date(time.dateTime);
  time.title = `${at.toLocaleString()} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
});

// A text to send on is copied with one click; without scripts it can be marked and copied.
// Browsers give pages no clipboard on an address without TLS.
document.querySelectorAll("button[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
});
