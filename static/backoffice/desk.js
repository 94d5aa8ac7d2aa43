// All times are UTC; the reader's own time stands behind each as a tooltip.
document.querySelectorAll("time[datetime]").forEach((time) => {
  const at = new Date(time.dateTime);
  time.title = `${at.toLocaleString()} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
});
