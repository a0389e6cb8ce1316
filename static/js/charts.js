// Draws every element with `data-chart` (JSON of chartkick series) in the colours of the design: columns, or with
// data-kind="line" lines over a time axis. No inline script needed.
"use strict";
(() => {
  // Charts understand only plain colours: let the browser resolve the design's variable and paint one pixel with it.
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    pixel.fillStyle = getComputedStyle(probe).color;
    pixel.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };
  const draw = () => {
    for (const element of document.querySelectorAll("[data-chart]")) {
      const series = JSON.parse(element.dataset.chart);
      const axis = { ticks: { color: colour("--muted"), precision: "decimals" in element.dataset ? undefined : 0, maxRotation: 0 }, grid: { color: colour("--line") } };
      const Chart = element.dataset.kind === "line" ? Chartkick.LineChart : Chartkick.ColumnChart;
      new Chart(element, series, {
        colors: [colour("--accent"), colour("--amber"), colour("--green")],
        legend: "bottom",
        curve: false,
        min: 0,
        library: {
          plugins: { legend: { labels: { color: colour("--text"), boxWidth: 12 } } },
          scales: { x: axis, y: axis },
          animation: false,
        },
      });
    }
  };
  document.addEventListener("DOMContentLoaded", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
