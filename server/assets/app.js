// Times in the viewer's zone, and runs under way. Everything else works without scripts.
(() => {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      time.title = time.dateTime;
      time.textContent = format.format(new Date(time.dateTime));
    }
  };
  const follow = (place) => {
    const source = new EventSource(place.dataset.live);
    source.addEventListener("live", (event) => {
      place.innerHTML = event.data;
    });
    source.addEventListener("over", () => {
      source.close();
      location.reload();
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    localise(document);
    document.querySelectorAll("[data-live]").forEach(follow);
    for (const zone of document.querySelectorAll("input[data-zone]")) {
      zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => localise(event.target));
})();
